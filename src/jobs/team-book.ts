import {
  type Clock,
  type Failure,
  fail,
  failure,
  type JobRecord,
  ok,
  type Result,
  type RunStore,
} from '../core/index.ts';
import { closest, reviveTeam, snapshotTeam, type Team } from '../team/index.ts';
import { readStoredBrief } from './desk/stored-brief.ts';
import { toolCodeOf } from './tool-code.ts';

/** The teams of a process: those that take new jobs, and those that accepted jobs are finished on. */
export interface TeamBook {
  /** The definition that a new job of this team runs on; `not-found` names the known teams. */
  current(name: string): Result<Team>;
  list(): readonly Team[];
  /** Keeps a definition for good, so that its jobs can be finished on it whatever comes later. */
  keep(team: Team): Promise<void>;
  /** Keeps every current definition. */
  keepAll(): Promise<void>;
  /** The definition that a job was accepted on. The same one is always the same object. */
  definitionOf(record: JobRecord): Promise<Result<Team>>;
  /** As `definitionOf`, for whoever runs its tools: says which of them have changed, or fails, as the rule is. */
  teamOf(record: JobRecord): Promise<Result<PinnedTeam>>;
}

/** The definition a job is finished on, and what whoever watches should know of it. */
export interface PinnedTeam {
  readonly team: Team;
  readonly notices: readonly string[];
}

/** What a team book is made of. */
export interface TeamBookParts {
  /** Those that take new jobs. */
  readonly teams: readonly Team[];
  readonly runs: RunStore;
  readonly clock: Pick<Clock, 'now'>;
  /** What becomes of a job whose tools' code has changed: it goes on and says so, or it fails. */
  readonly changedTools: 'finish' | 'fail';
}

/** A definition stays young for much longer than this in every store. */
const keptMs = 60 * 60_000;

/** Old definitions that are in use at the same time; one more than this is read and compiled anew. */
const revivedMax = 64;

/** Opens the book of a process's teams. Two of one name are `wrong-team`. */
export function createTeamBook({ teams, runs, clock, changedTools }: TeamBookParts): Result<TeamBook> {
  const byName = new Map(teams.map((team) => [team.name, team]));
  const twin = teams.find((team) => byName.get(team.name) !== team);
  if (twin !== undefined) return twins(twin.name);
  const keptAt = new Map<string, number>();
  const shelf = createShelf(async (record) => await revive(runs, record, byName.get(record.team) ?? null));
  const keep = async (team: Team): Promise<void> => {
    const at = keptAt.get(team.digest);
    if (at !== undefined && clock.now() - at < keptMs) return;
    await runs.keepTeam(team.digest, snapshotTeam(team));
    // Forks have definitions of their own without end: only those of the book's teams are worth remembering.
    if (byName.get(team.name) === team) keptAt.set(team.digest, clock.now());
  };
  const definitionOf = async (record: JobRecord): Promise<Result<Team>> => {
    const current = byName.get(record.team);
    return current?.digest === record.digest ? ok(current) : await shelf.take(record);
  };
  return ok({
    definitionOf,
    current: (name) => {
      const team = byName.get(name);
      return team === undefined ? unknownTeam(name, [...byName.keys()]) : ok(team);
    },
    list: () => [...byName.values()],
    keep,
    async keepAll() {
      await Promise.all([...byName.values()].map(keep));
    },
    async teamOf(record) {
      const found = await definitionOf(record);
      if (!found.ok) return found;
      const changed = await changedToolsOf(runs, record, found.value);
      if (changed.length > 0 && changedTools === 'fail')
        return { ok: false, failure: refusal(record, changed) };
      return ok({ team: found.value, notices: changed.map(notice) });
    },
  });
}

/** Definitions of jobs that are not the current ones, the last used of them. */
interface Shelf {
  take(record: JobRecord): Promise<Result<Team>>;
}

function createShelf(make: (record: JobRecord) => Promise<Result<Team>>): Shelf {
  const made = new Map<string, Promise<Result<Team>>>();
  return {
    async take(record) {
      const { digest } = record;
      const making = made.get(digest) ?? make(record);
      // The last used stand last, so the first one is the one that nobody misses.
      made.delete(digest);
      made.set(digest, making);
      const [oldest] = made.keys();
      if (made.size > revivedMax && oldest !== undefined) made.delete(oldest);
      const forget = (): void => {
        if (made.get(digest) === making) made.delete(digest);
      };
      making.then((result) => (result.ok ? undefined : forget()), forget);
      return await making;
    },
  };
}

async function revive(runs: RunStore, record: JobRecord, current: Team | null): Promise<Result<Team>> {
  const stored = await runs.team(record.digest);
  if (stored === null) {
    return fail(
      'team-changed',
      `Job ${record.id} was accepted on another definition of team ${record.team}, which was not kept: bring its brief as a new job.`,
    );
  }
  const revived = reviveTeam(stored, current);
  return revived.ok ? ok(revived.value.team) : revived;
}

/** Tools whose code is another one than when the job was accepted. */
async function changedToolsOf(runs: RunStore, record: JobRecord, team: Team): Promise<readonly string[]> {
  const now = toolCodeOf(team);
  if (Object.keys(now).length === 0) return [];
  const { toolCode } = await readStoredBrief(runs, record.id);
  return Object.keys(now).filter((name) => Object.hasOwn(toolCode, name) && toolCode[name] !== now[name]);
}

function notice(tool: string): string {
  return `The code of tool ${tool} has changed since this job was accepted; it goes on with the prompts it was accepted with.`;
}

function refusal({ id }: JobRecord, changed: readonly string[]): Failure {
  const tools = changed.length === 1 ? `tool ${changed[0]} has` : `the tools ${changed.join(', ')} has`;
  return failure(
    'team-changed',
    `The code of ${tools} changed since job ${id} was accepted: retry it where that code still runs, or bring its brief as a new job.`,
  );
}

function unknownTeam(name: string, known: readonly string[]): Result<never> {
  const near = closest(name, known);
  const hint = near === null ? '' : ` Did you mean ${near}?`;
  const list = known.length === 0 ? 'none is served here' : `known are ${known.join(', ')}`;
  return fail('not-found', `There is no team ${name.slice(0, 64)}: ${list}.${hint}`);
}

function twins(name: string): Result<never> {
  return fail('wrong-team', `Two teams are called ${name}: give one of them another name in its team.yaml.`);
}
