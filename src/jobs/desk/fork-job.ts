import {
  type Failure,
  failure,
  type JobPatch,
  type JobRecord,
  type NewFork,
  ok,
  type Result,
} from '../../core/index.ts';
import { patchTeam, type Team } from '../../team/index.ts';
import type { AcceptedBrief, Brief } from '../accept.ts';
import type { Caller, ForkRequest } from '../desk.ts';
import { briefOf } from './accept-job.ts';
import type { ChangeParts } from './change-job.ts';
import { checkTerms, isWord } from './check-terms.ts';
import { findJob } from './not-found.ts';
import { readBrief, storedBrief } from './stored-brief.ts';

/** Makes a job that takes over another one's records before a step. From there on it goes its own way. */
export async function forkJob(
  parts: ChangeParts,
  caller: Caller,
  { id, request }: { readonly id: string; readonly request: ForkRequest },
): Promise<Result<JobRecord>> {
  const { store, teams, clock } = parts;
  const found = await findJob(store.runs, caller, id);
  if (!found.ok) return found;
  const wrong = wrongFork(request, clock.now());
  if (wrong !== null) return { ok: false, failure: wrong };
  const pinned = await teams.teamOf(found.value);
  if (!pinned.ok) return pinned;
  const patched = patchedTeam(pinned.value.team, request.patch);
  if (!patched.ok) return patched;
  const brief = await newBrief(parts, { from: found.value, team: patched.value, request });
  if (!brief.ok) return brief;
  // Before the fork is accepted: from then on any worker may ask for it.
  await teams.keep(patched.value);
  const forked = await store.runs.fork(caller.tenant, {
    id: parts.newId(),
    from: id,
    step: request.step,
    brief: brief.value,
    digest: patched.value.digest,
    patch: request.patch ?? null,
    labels: request.labels ?? null,
    by: caller.by,
  });
  if (!forked.ok) return forked;
  await parts.statuses.tell(forked.value);
  return forked;
}

/** As long as a step's key may be. */
const stepCharactersMax = 1_000;

function wrongFork({ step, patch = {}, labels }: ForkRequest, nowMs: number): Failure | null {
  if (!isWord(step, stepCharactersMax)) {
    return failure('wrong-input', 'step must be the key of a step: see the steps of the job.');
  }
  const terms = {
    ...(labels === undefined ? {} : { labels }),
    ...(patch.model === undefined ? {} : { model: patch.model }),
  };
  return checkTerms(terms, nowMs)[0] ?? null;
}

function patchedTeam(team: Team, patch: JobPatch | undefined): Result<Team> {
  const isOfTexts = patch?.prompts !== undefined || patch?.skills !== undefined;
  return isOfTexts ? patchTeam(team, patch) : ok(team);
}

interface BriefParts {
  readonly from: JobRecord;
  readonly team: Team;
  readonly request: ForkRequest;
}

/** Another brief is checked as if it were new; what it does not bring stays as it was. Null: nothing is new. */
async function newBrief(
  { store, prepare }: ChangeParts,
  { from, team, request }: BriefParts,
): Promise<Result<NewFork['brief']>> {
  // Who answered for all agents goes on to do so.
  const model = request.patch?.model ?? from.patch?.model ?? null;
  if (request.brief === undefined && request.patch === undefined) return ok(null);
  const before = await readBrief(store.runs, store.blobs, from.id);
  const prepared = await prepare(team, { ...givenBrief(before), ...briefOf(request.brief ?? {}) }, model);
  if (!prepared.ok) {
    const [first] = prepared.failures;
    if (first === undefined)
      throw new Error(`The brief of a fork of ${from.id} was refused without saying why`);
    return { ok: false, failure: first };
  }
  if (request.brief === undefined) return ok(null);
  const keptCuts =
    request.brief.files === undefined ? before.cuts.filter(({ path }) => path !== 'brief.md') : [];
  const brief = { ...prepared.brief, cuts: [...prepared.brief.cuts, ...keptCuts] };
  return ok(storedBrief(brief, team));
}

/** What a person would have to give for the same brief. */
function givenBrief({ view, seeds }: AcceptedBrief): Brief {
  const files = new Set(view.files.map(({ path }) => path));
  return {
    text: view.text,
    params: view.params,
    files: Object.fromEntries(
      seeds.filter(({ path }) => files.has(path)).map(({ path, text }) => [path, text]),
    ),
  };
}
