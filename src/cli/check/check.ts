import { InspanError } from '../../core/index.ts';
import { createTokenCounter } from '../../models/index.ts';
import type { Arguments, CommandSpec } from '../arguments.ts';
import { exitCodes, type Io } from '../io.ts';
import { loadTeamAt, placeAt } from '../load-team.ts';
import { checkLines } from './check-lines.ts';
import { exactTokens } from './exact-tokens.ts';
import { type Finding, type Inspection, inspectTeam } from './inspect-team.ts';

/** How `inspan check` is called. */
export const checkSpec: CommandSpec = Object.freeze({
  name: 'check',
  purpose: 'Checks a team and shows who reads, writes and costs what.',
  words: [{ name: 'team', required: true, purpose: 'the folder of a team' }],
  options: {
    exact: {
      value: null,
      purpose: 'Asks the providers for exact tokens of each agent (needs keys, costs nothing).',
    },
    strict: { value: null, purpose: 'Lets warnings fail the check (exit code 1).' },
    json: { value: null, purpose: 'Prints all of it as one JSON document.' },
  },
  examples: ['inspan check launch-kit', 'inspan check launch-kit --strict --json'],
  notes: [
    'Asks no model for an answer. Imports the tools of the team, which runs their code: check only folders you trust.',
  ],
});

/** Checks a team and shows what it is made of. */
export async function check({ words, flags }: Arguments, io: Io): Promise<number> {
  const typed = words[0] ?? '.';
  const asJson = flags.has('json');
  const inspected = await inspect(typed, flags.has('exact'), io).catch((error: unknown) => {
    if (!asJson || !(error instanceof InspanError)) throw error;
    const mistakes = error.failures.map(({ message, place }) =>
      flat({ message, ...(place === undefined ? {} : { place }) }),
    );
    io.print(`${JSON.stringify({ ok: false, mistakes }, null, 2)}\n`);
    return null;
  });
  if (inspected === null) return exitCodes.wrongInput;
  if (asJson) io.print(`${JSON.stringify(asDocument(inspected), null, 2)}\n`);
  else io.print(`${checkLines(inspected).join('\n')}\n`);
  return flags.has('strict') && inspected.warnings.length > 0 ? exitCodes.failed : exitCodes.done;
}

async function inspect(typed: string, isExact: boolean, io: Io): Promise<Inspection> {
  const inspan = io.createInspan({ environment: io.environment, clock: io.clock });
  try {
    const team = await loadTeamAt(typed, inspan, io);
    const inspection = inspectTeam(team, {
      countTokens: await createTokenCounter(),
      environment: io.environment,
    });
    const exact = isExact
      ? await exactTokens(team, inspection.agents, {
          inspan,
          signal: io.listenForInterrupt().signal,
          model: io.environment['INSPAN_MODEL'],
        })
      : { tokens: {}, notes: [] };
    const agents = inspection.agents.map((agent) => ({
      ...agent,
      exactTokens: exact.tokens[agent.name] ?? null,
    }));
    const placed = (findings: readonly Finding[]): readonly Finding[] =>
      findings.map(({ message, place }) =>
        place === undefined ? { message } : { message, place: placeAt(typed, place) },
      );
    return {
      ...inspection,
      agents,
      warnings: placed(inspection.warnings),
      notes: placed([...inspection.notes, ...exact.notes]),
    };
  } finally {
    await inspan.close();
  }
}

function asDocument(inspection: Inspection): unknown {
  return {
    ok: true,
    ...inspection,
    warnings: inspection.warnings.map(flat),
    notes: inspection.notes.map(flat),
  };
}

function flat({ message, place }: Finding): unknown {
  return { message, ...place };
}
