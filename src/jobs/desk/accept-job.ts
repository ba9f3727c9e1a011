import { type Failure, failure, type Json, type NewJob } from '../../core/index.ts';
import type { Team } from '../../team/index.ts';
import type { Brief } from '../accept.ts';
import type { Accepting, Caller, Estimating, JobRequest } from '../desk.ts';
import { keepStatus } from '../live.ts';
import { emptyProgress } from '../progress.ts';
import { checkTerms, isModelName, isWord } from './check-terms.ts';
import type { DeskParts, Prepared } from './desk-parts.ts';
import { requestHash } from './request-hash.ts';
import { readStoredBrief, storedBrief } from './stored-brief.ts';

/** Checks, sizes and keeps a job. A request that came before under its key is told from its key alone. */
export async function acceptJob(parts: DeskParts, caller: Caller, request: JobRequest): Promise<Accepting> {
  const idempotency = idempotencyOf(request);
  const known = idempotency === null ? null : await knownJob(parts, caller, idempotency);
  if (known !== null) return known;
  const checked = await check(parts, request);
  if (!checked.ok) return checked;
  const { team, brief, estimate } = checked;
  await parts.teams.keep(team);
  const job: NewJob = {
    id: parts.newId(),
    tenant: caller.tenant,
    team: team.name,
    digest: team.digest,
    ...storedBrief(brief, team),
    priority: request.priority ?? 0,
    notBeforeMs: request.notBeforeMs ?? null,
    deadlineAtMs: request.deadlineAtMs ?? null,
    idempotency,
    estimate: estimate as unknown as Json,
    patch: request.model === undefined ? null : { model: request.model },
    labels: request.labels ?? {},
    by: caller.by,
  };
  const accepted = await parts.store.runs.accept(job);
  if (accepted.type === 'conflict') return conflict(accepted.id);
  const isKnown = accepted.type === 'known';
  if (!isKnown)
    await keepStatus(parts.hot, { job: accepted.job, progress: emptyProgress }, parts.clock.now());
  return { ok: true, value: { job: accepted.job, isKnown, cuts: brief.cuts } };
}

/** Says what a job would cost, without keeping anything. */
export async function estimateRequest(parts: DeskParts, request: JobRequest): Promise<Estimating> {
  const checked = await check(parts, request);
  if (!checked.ok) return checked;
  const { team, brief, estimate } = checked;
  return { ok: true, value: { estimate, cuts: brief.cuts, budgetMicroUsd: team.budgetMicroUsd } };
}

/** The brief of a request, without its terms. */
export function briefOf({ text, files, params }: Brief): Brief {
  return {
    ...(text === undefined ? {} : { text }),
    ...(files === undefined ? {} : { files }),
    ...(params === undefined ? {} : { params }),
  };
}

/** A key that nothing can be kept under, and parameters that are no data, are mistakes that the checks tell. */
function idempotencyOf(request: JobRequest): NewJob['idempotency'] {
  const { idempotencyKey: key } = request;
  const bodyHash = isWord(key) ? requestHash(request) : null;
  return key === undefined || bodyHash === null ? null : { key, bodyHash };
}

async function knownJob(
  { store }: DeskParts,
  { tenant }: Caller,
  { key, bodyHash }: NonNullable<NewJob['idempotency']>,
): Promise<Accepting | null> {
  const known = await store.runs.findByKey(tenant, key);
  if (known === null) return null;
  if (known.bodyHash !== bodyHash) return conflict(known.job.id);
  const { cuts } = await readStoredBrief(store.runs, known.job.id);
  return { ok: true, value: { job: known.job, isKnown: true, cuts } };
}

type Checked = Refused | (Extract<Prepared, { readonly ok: true }> & { readonly team: Team });
type Refused = Extract<Accepting, { readonly ok: false }>;

async function check({ teams, prepare, clock }: DeskParts, request: JobRequest): Promise<Checked> {
  const mistakes = checkTerms(request, clock.now());
  const team = teams.current(request.team);
  if (!team.ok) return refused([...mistakes, team.failure]);
  // One that cannot be a model is told already, in words that fit.
  const model = isModelName(request.model) ? request.model : null;
  const prepared = await prepare(team.value, briefOf(request), model);
  if (prepared.ok && mistakes.length === 0) return { ...prepared, team: team.value };
  return refused([...mistakes, ...(prepared.ok ? [] : prepared.failures)]);
}

function refused(failures: readonly Failure[]): Refused {
  const [first, ...others] = failures;
  if (first === undefined) throw new Error('A request was refused without saying why');
  return { ok: false, failures: [first, ...others] };
}

function conflict(id: string): Refused {
  const message = `This idempotency key came with another request before (job ${id}): give every request a key of its own.`;
  return { ok: false, failures: [failure('key-conflict', message)] };
}
