import {
  type BeforeSend,
  estimateTokens,
  type Failure,
  fail,
  failure,
  type Model,
  ok,
  type Result,
  type Run,
  type StepRecord,
} from './core/index.ts';
import { type House, learnFrom, modelLookup } from './house.ts';
import type { OpenedRun, PinnedTeam, RunWanted, TeamBook } from './jobs/index.ts';
import { openJournal } from './store/index.ts';
import type { Team } from './team/index.ts';
import { createMemoryWorkspace } from './workspace/index.ts';

/** Joins what a durable job runs on: the definition that accepted it, its models and its journal. */
export async function openDurableRun(
  house: House,
  teams: TeamBook,
  wanted: RunWanted,
): Promise<Result<OpenedRun>> {
  const { record, recorded, own, signal, journal, inherited, tell, awaitSignal } = wanted;
  const pinned = await pinnedTeam(teams, wanted);
  if (!pinned.ok) return pinned;
  const { team, notices } = pinned.value;
  const [{ warmth, calibration, costOf }, { createCachePolicy }] = await Promise.all([
    house.models(),
    loadModels(),
  ]);
  const models = wanted.mayAsk
    ? await jobModels(house, team, {
        job: record.id,
        recorded: own,
        model: record.patch?.model ?? null,
        // What was accepted for a real model must not be done by whatever the worker that has it can reach.
        maySubstitute: wanted.brief.isSubstituted ?? false,
        beforeSend: wanted.beforeSend,
      })
    : ok({ model: () => recordOnly, notice: null });
  if (!models.ok) return models;
  const run: Run = {
    id: record.id,
    signal,
    workspace: createMemoryWorkspace(),
    journal: await openJournal(journal, { recorded, inherited }),
    clock: house.clock,
    countTokens: estimateTokens,
    caching: createCachePolicy({
      warmth,
      tokenFactor: calibration.factorOf,
      beginWith: house.prefixes.of(team.name),
    }),
    model: models.value.model,
    costOf,
    emit(event) {
      learnFrom(event, calibration);
      wanted.emit(event);
    },
    tell,
    awaitSignal,
  };
  const { notice } = models.value;
  return ok({
    compiled: house.compiledOf(team),
    run,
    notices: notice === null ? notices : [...notices, notice],
  });
}

/** Both are loaded by the first job. To ask the platform for a module again costs as much as to read a row. */
const loadModels = once(() => import('./models/index.ts'));
const loadChoice = once(() => import('./choose-models.ts'));

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | null = null;
  return () => (loading ??= load());
}

/** A replay runs no tool, so it does not matter to it whose code has changed. */
async function pinnedTeam(teams: TeamBook, { record, mayAsk }: RunWanted): Promise<Result<PinnedTeam>> {
  if (mayAsk) return await teams.teamOf(record);
  const found = await teams.definitionOf(record);
  return found.ok ? ok({ team: found.value, notices: [] }) : found;
}

interface ModelsOfJob {
  readonly model: (name: string) => Model;
  readonly notice: string | null;
}

interface ModelsWanted {
  readonly job: string;
  readonly recorded: readonly StepRecord[];
  readonly model: string | null;
  readonly maySubstitute: boolean;
  readonly beforeSend: BeforeSend;
}

async function jobModels(house: House, team: Team, wanted: ModelsWanted): Promise<Result<ModelsOfJob>> {
  const { chooseModels } = await loadChoice();
  const chosen = await chooseModels(team, { house: await house.models(), ...wanted });
  if (chosen.ok) return ok({ model: modelLookup(chosen.value), notice: chosen.value.notice });
  return chosen.failure.code === 'no-access' ? missing(chosen.failure) : chosen;
}

/** Another worker may have what this one lacks: the job was accepted where its models could be reached. */
function missing({ message }: Failure): Result<never> {
  return fail('model-missing', `The worker cannot reach a model that the job was accepted for. ${message}`);
}

/** What answers in a replay: nobody. Whatever is not in the record is told as missing. */
const recordOnly: Model = Object.freeze({
  id: 'the record',
  contextTokensMax: Number.MAX_SAFE_INTEGER,
  async *stream() {
    const message = 'The journal does not hold this call.';
    yield { type: 'end' as const, end: { type: 'failed' as const, failure: failure('not-found', message) } };
  },
});
