import type { Job, ListQuery } from '../../client/index.ts';
import { type Failure, failure, InspanError, type JobState, jobMoves } from '../../core/index.ts';
import type { Arguments, CommandSpec } from '../arguments.ts';
import { exitCodes, type Io } from '../io.ts';
import { tableLines } from '../show/table.ts';
import { dollars, oneLine } from '../show/wording.ts';
import { clientOf, tell, urlOption } from './server-client.ts';

/** As many as fit a screen. */
const limitUsual = 20;

/** How `inspan jobs list` is called. */
export const listSpec: CommandSpec = Object.freeze({
  name: 'jobs list',
  purpose: 'Lists jobs, newest first.',
  words: [],
  options: {
    state: { value: '<state>', repeats: true, purpose: `One of ${Object.keys(jobMoves).join(', ')}.` },
    team: { value: '<name>', purpose: 'Jobs of one team.' },
    label: { value: '<name>=<value>', repeats: true, purpose: 'Jobs with a label.' },
    limit: { value: '<number>', purpose: `From 1 to 200. Default: ${limitUsual}.` },
    cursor: { value: '<text>', purpose: 'Goes on where the list before it ended.' },
    url: urlOption,
    json: { value: null, purpose: 'Prints the page as JSON.' },
  },
  examples: ['inspan jobs list', 'inspan jobs list --state failed --label customer=acme --json'],
  notes: [],
});

/** Lists jobs. */
export async function list(given: Arguments, io: Io): Promise<number> {
  const query = readQuery(given);
  const page = await clientOf(given, io).jobs.list(query);
  const more = page.next === null ? [] : ['', `More: --cursor ${page.next}`];
  const lines =
    page.items.length === 0
      ? ['No jobs.']
      : [...tableLines({ rows: page.items.map(jobRow), right: [4] }), ...more];
  tell(io, given, { json: page, lines });
  return exitCodes.done;
}

function readQuery({ values }: Arguments): ListQuery {
  const failures: Failure[] = [];
  const wrong = (message: string): void => void failures.push(failure('wrong-input', message));
  const states = (values['state'] ?? []).filter((typed): typed is JobState => {
    const isKnown = Object.hasOwn(jobMoves, typed);
    if (!isKnown) wrong(`--state is ${typed}: write one of ${Object.keys(jobMoves).join(', ')}.`);
    return isKnown;
  });
  const labels = (values['label'] ?? []).flatMap((typed): readonly (readonly [string, string])[] => {
    const equals = typed.indexOf('=');
    if (equals > 0) return [[typed.slice(0, equals), typed.slice(equals + 1)]];
    wrong(`--label ${typed}: write --label <name>=<value>.`);
    return [];
  });
  const [typedLimit = String(limitUsual)] = values['limit'] ?? [];
  const limit = Number(typedLimit);
  if (!/^\d+$/.test(typedLimit) || limit < 1 || limit > 200) {
    wrong(`--limit is ${typedLimit}: write a number from 1 to 200.`);
  }
  if (failures.length > 0) throw new InspanError(failures);
  const [team] = values['team'] ?? [];
  const [cursor] = values['cursor'] ?? [];
  return {
    states,
    labels: Object.fromEntries(labels),
    limit,
    ...(team && { team }),
    ...(cursor && { cursor }),
  };
}

function jobRow({ id, state, team, createdAt, cost, labels, failure: why }: Job): readonly string[] {
  const words = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  return [
    id,
    state,
    oneLine(team),
    createdAt.replace(/\.\d+Z$/, 'Z'),
    cost === null ? '' : dollars(cost.microUsd),
    oneLine([why?.code ?? '', ...words].filter((word) => word !== '').join(' ')),
  ];
}
