import type { ApiKey, NewApiKey } from '../../client/index.ts';
import { type Failure, failure, InspanError, type KeyScope, keyScopes } from '../../core/index.ts';
import type { Arguments, Command, CommandSpec, OptionSpec } from '../arguments.ts';
import { exitCodes, type Io } from '../io.ts';
import { asking, tell, urlOption } from '../jobs/server-client.ts';
import { databaseOption } from '../serve/storage.ts';
import { tableLines } from '../show/table.ts';
import { oneLine } from '../show/wording.ts';
import { type ListedKey, withKeyRing } from './key-ring.ts';

/** What a program needs that brings jobs and reads what came of them. */
const scopesUsual: readonly KeyScope[] = ['jobs:read', 'jobs:write', 'signals:write'];

const common: Readonly<Record<string, OptionSpec>> = Object.freeze({
  database: databaseOption,
  url: { ...urlOption, purpose: 'A running server to go through, with a key of scope admin in INSPAN_KEY.' },
  json: { value: null, purpose: 'Prints JSON.' },
});

const keyWord = Object.freeze({ name: 'key', required: true, purpose: 'the id of a key' });

const createSpec: CommandSpec = Object.freeze({
  name: 'keys create',
  purpose: 'Makes an API key and shows it, this once.',
  words: [],
  options: {
    label: { value: '<text>', purpose: 'What it is for. Default: made on the command line.' },
    scope: {
      value: '<scope>',
      repeats: true,
      purpose: 'admin, jobs:read, … Default: read and bring jobs, answer them.',
    },
    tenant: { value: '<name>', purpose: 'Whose jobs it sees. Default: default.' },
    days: { value: '<number>', purpose: 'How long it works. Default: until it is revoked.' },
    ...common,
  },
  examples: [
    'inspan keys create --scope admin',
    'inspan keys create --label website --url http://127.0.0.1:7420',
  ],
  notes: [
    'Works on the database itself; while a server uses a database file, through that server: --url.',
    'Once the first key was made, a server asks everybody for one: the first must be of scope admin.',
    `Scopes: ${keyScopes.join(', ')}.`,
  ],
});

const listSpec: CommandSpec = Object.freeze({
  name: 'keys list',
  purpose: 'Lists API keys, newest first; never the keys themselves.',
  words: [],
  options: common,
  examples: ['inspan keys list'],
  notes: [],
});

const revokeSpec: CommandSpec = Object.freeze({
  name: 'keys revoke',
  purpose: 'Ends an API key, everywhere within 5 s.',
  words: [keyWord],
  options: common,
  examples: ['inspan keys revoke key_8x1'],
  notes: [],
});

const rotateSpec: CommandSpec = Object.freeze({
  name: 'keys rotate',
  purpose: 'Makes a new API key with the rights of an old one, and ends the old one.',
  words: [keyWord],
  options: {
    hours: { value: '<number>', purpose: 'How long the old one still works. Default: 24, at most 720.' },
    ...common,
  },
  examples: ['inspan keys rotate key_8x1 --hours 1'],
  notes: [],
});

async function create(given: Arguments, io: Io): Promise<number> {
  const { values } = given;
  const scopes = scopesOf(values['scope']);
  const days = numberAt(given, 'days', { min: 1, max: 3_650 });
  const expiresAtMs = days === null ? null : io.clock.now() + days * 24 * 60 * 60_000;
  const [label = 'made on the command line'] = values['label'] ?? [];
  const [tenant = 'default'] = values['tenant'] ?? [];
  for (const [name, text] of Object.entries({ label, tenant })) {
    if (!/^\P{C}{1,255}$/u.test(text)) throw wrong(`--${name} takes from 1 to 255 visible characters.`);
  }
  return await withKeyRing(given, io, {
    makes: true,
    use: async (ring) => {
      const made = await ring.create({ label, scopes, tenant, expiresAtMs });
      return tellNew(made, { given, io, place: ring.place });
    },
  });
}

async function list(given: Arguments, io: Io): Promise<number> {
  const keys = await withKeyRing(given, io, { use: (ring) => ring.list() });
  const lines = keys.length === 0 ? ['No keys.'] : tableLines({ rows: keys.map((key) => keyRow(key, io)) });
  tell(io, given, { json: keys, lines });
  return exitCodes.done;
}

async function revoke(given: Arguments, io: Io): Promise<number> {
  const key = await withKeyRing(given, io, { use: (ring) => ring.revoke(given.words[0] ?? '') });
  tell(io, given, {
    json: key,
    lines: [`${key.id} (${key.prefix}…) is revoked: it stops working within 5 s.`],
  });
  return exitCodes.done;
}

async function rotate(given: Arguments, io: Io): Promise<number> {
  const hours = numberAt(given, 'hours', { min: 0, max: 720 }) ?? 24;
  return await withKeyRing(given, io, {
    use: async (ring) => {
      const made = await ring.rotate(given.words[0] ?? '', hours * 60 * 60_000);
      return tellNew(made, { given, io, place: ring.place });
    },
  });
}

/** The key alone goes to standard output, so that a script can keep it. */
function tellNew(
  made: NewApiKey,
  { given, io, place }: { readonly given: Arguments; readonly io: Io; readonly place: string },
): number {
  if (!given.flags.has('json')) {
    const ends = made.expiresAt === null ? '' : `, until ${made.expiresAt}`;
    const rights = `may ${made.scopes.join(', ')}${ends}`;
    io.complain(`${made.id} ${rights}, in ${place}. This is the key, shown only now:\n`);
  }
  tell(io, given, { json: made, lines: [made.key] });
  return exitCodes.done;
}

function keyRow(
  { id, tenant = '', prefix, label, scopes, usedAt, ...times }: ListedKey,
  { clock }: Io,
): readonly string[] {
  return [
    id,
    oneLine(tenant),
    `${prefix}…`,
    stateOf(times, clock.now()),
    oneLine(label),
    scopes.join(','),
    usedAt === null ? 'never used' : `used ${usedAt}`,
  ];
}

function stateOf({ revokedAt, expiresAt }: Pick<ApiKey, 'revokedAt' | 'expiresAt'>, nowMs: number): string {
  if (revokedAt !== null) return 'revoked';
  if (expiresAt === null) return 'works';
  return Date.parse(expiresAt) <= nowMs ? 'expired' : `until ${expiresAt}`;
}

function scopesOf(typed: readonly string[] | undefined): readonly KeyScope[] {
  if (typed === undefined) return scopesUsual;
  const words = typed.flatMap((each) => each.split(','));
  const failures: Failure[] = [];
  const scopes = words.filter((word): word is KeyScope => {
    const isKnown = (keyScopes as readonly string[]).includes(word);
    if (!isKnown)
      failures.push(failure('wrong-input', `--scope is ${word}: write one of ${keyScopes.join(', ')}.`));
    return isKnown;
  });
  if (failures.length > 0) throw new InspanError(failures);
  return [...new Set(scopes)];
}

function numberAt(
  { values }: Arguments,
  name: string,
  { min, max }: { readonly min: number; readonly max: number },
): number | null {
  const typed = values[name]?.[0];
  if (typed === undefined) return null;
  const number = Number(typed);
  if (/^\d+$/.test(typed) && number >= min && number <= max) return number;
  throw wrong(`--${name} is ${typed}: write a number from ${min} to ${max}.`);
}

function wrong(message: string): InspanError {
  return new InspanError([failure('wrong-input', message)]);
}

/** What can be done with the API keys of a server. */
export const keysCommands: readonly Command[] = Object.freeze([
  { spec: createSpec, run: asking(create) },
  { spec: listSpec, run: asking(list) },
  { spec: revokeSpec, run: asking(revoke) },
  { spec: rotateSpec, run: asking(rotate) },
]);
