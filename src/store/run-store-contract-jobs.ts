import assert from 'node:assert/strict';
import {
  type ClaimWant,
  type EndedState,
  type Ending,
  failure,
  type JobOutput,
  type JobRecord,
  type JobState,
  type Json,
  type Lease,
  type NewJob,
  type NewSignal,
  noUsage,
  type RunStore,
  type StepRecord,
  type Wait,
} from '../core/index.ts';

/** Whose jobs these are where nothing else is said. */
export const tenant = 'acme';
/** How long a worker is believed without a beat, in ms: longer than any test takes. */
export const leaseMs = 60_000;
/** No tenant has a ceiling. */
export const noCeilings: ClaimWant['ceilings'] = { others: null, tenants: {} };

/** Makes a job to accept. */
export function newJob(id: string, more: Partial<NewJob> = {}): NewJob {
  return {
    id,
    tenant,
    team: 'kit',
    digest: 'digest',
    brief: { text: 'Write.' },
    seeds: [],
    priority: 0,
    notBeforeMs: null,
    deadlineAtMs: null,
    idempotency: null,
    estimate: null,
    patch: null,
    labels: {},
    by: 'local',
    ...more,
  };
}

/** Makes a worker known; with the default lease unless said otherwise. */
export async function enrol(runs: RunStore, id: string): Promise<void> {
  await runs.enrol({ id, concurrency: 32, leaseMs });
}

/** Accepts a job and lets worker `w` begin it. */
export async function begun(runs: RunStore, id: string, more: Partial<NewJob> = {}): Promise<Lease> {
  await enrol(runs, 'w');
  await runs.accept(newJob(id, more));
  return await begunAgain(runs);
}

/** Lets worker `w` begin the one job that stands in line. */
export async function begunAgain(runs: RunStore): Promise<Lease> {
  const [claim] = await runs.claim('w', { max: 1, ceilings: noCeilings });
  assert(claim !== undefined, 'a job stands in line');
  return { job: claim.job, epoch: claim.epoch };
}

/** Brings a new job into a state. */
export async function jobIn(runs: RunStore, state: JobState, id = `in-${state}`): Promise<Lease> {
  if (state === 'queued') {
    await runs.accept(newJob(id));
    return { job: id, epoch: 0 };
  }
  const lease = await begun(runs, id);
  if (state === 'parked') await runs.settle(lease, parked([waitFor('go')]));
  else if (state !== 'running') await runs.settle(lease, ended(state));
  return lease;
}

/** Makes an ending with an output. */
export function ended(state: EndedState, result: Readonly<Record<string, Json>> = {}): Ending {
  const problem = state === 'succeeded' ? null : failure('tool-failed', `It ${state}.`);
  return { type: 'ended', state, failure: problem, output: outputOf(result), costMicroUsd: 7 };
}

/** Makes the ending of a job that waits. */
export function parked(waits: readonly Wait[]): Ending {
  return { type: 'parked', waits, costMicroUsd: 3 };
}

/** The ending of a job that somebody else is to go on with. */
export const handedOver: Ending = {
  type: 'handed-over',
  notBeforeMs: null,
  failure: null,
  why: 'drained',
};

/** Makes a wait for a signal. */
export function waitFor(signal: string | null, more: Partial<Wait> = {}): Wait {
  return { key: `wait/${signal}`, signal, untilMs: null, question: null, ...more };
}

/** Makes a value from outside. */
export function signalOf(name: string, more: Partial<NewSignal> = {}): NewSignal {
  return { name, value: { said: name }, key: null, id: null, by: 'local', ...more };
}

/** Makes a record of a finished step. */
export function done(key: string, more: Partial<Extract<StepRecord, { type: 'done' }>> = {}): StepRecord {
  return { type: 'done', key, kind: 'tool', inputHash: 'h', value: key, ...more };
}

/** Makes an output. */
export function outputOf(result: Readonly<Record<string, Json>>): JobOutput {
  const nothing = { calls: 0, toolCalls: 0, usage: noUsage, costMicroUsd: 7 };
  const total = { ...nothing, unreported: { calls: 0, costMicroUsd: 0 } };
  return { result, usage: { agents: {}, total }, cuts: [], elapsedMs: 5 };
}

/** Finds a job that must be there. */
export async function found(runs: RunStore, id: string, of = tenant): Promise<JobRecord> {
  const record = await runs.find(of, id);
  assert(record !== null, `there is a job ${id}`);
  return record;
}

/** Where a job's stream says it has been, in order. Also checks that its places have no gaps. */
export async function statesTold(runs: RunStore, id: string): Promise<readonly JobState[]> {
  const events = await runs.events(id, 0, 1000);
  assert.deepEqual(
    events.map(({ seq }) => seq),
    events.map((_, at) => at + 1),
  );
  return events.flatMap((event) => (event.type === 'job-moved' ? [event.state] : []));
}

/** Keys of what a job has recorded, in order. */
export async function keysOf(runs: RunStore, id: string): Promise<readonly string[]> {
  return (await runs.records(id)).map(({ record }) => record.key);
}
