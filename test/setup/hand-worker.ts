import {
  type Claim,
  failure,
  type JobRecord,
  type JobState,
  type StepRecord,
  type UnnumberedEvent,
  type Wait,
} from '../../src/core/index.ts';
import { readBrief } from '../../src/jobs/index.ts';
import { forgetStatus, runJob } from '../../src/jobs/testing.ts';
import { accountOf } from '../../src/trace/index.ts';
import { given, type JobHouse } from './job-house.ts';

/** How a test's worker works. */
export interface HandWork {
  /** Dies after so many records were kept: then nothing more is kept, and the job is still running. */
  readonly dieAfter?: number;
}

const workerId = 'by-hand';

/** Takes every job that is in line. */
export async function claimAll({ store }: JobHouse): Promise<readonly Claim[]> {
  await store.runs.enrol({ id: workerId, concurrency: 100, leaseMs: 1_000_000 });
  return await store.runs.claim(workerId, { max: 100, ceilings: { others: null, tenants: {} } });
}

/** Does the jobs that are in line, one after the other, and gives how they ended. */
export async function workAll(house: JobHouse, work: HandWork = {}): Promise<readonly JobRecord[]> {
  const ended: JobRecord[] = [];
  for (const claim of await claimAll(house)) {
    const record = await workOne(house, claim, work);
    await forgetStatus(house.hot, claim.job);
    if (record !== null) ended.push(record);
  }
  return ended;
}

async function workOne(house: JobHouse, claim: Claim, { dieAfter }: HandWork): Promise<JobRecord | null> {
  const { runs, blobs } = house.store;
  const { record, job, epoch } = claim;
  const lease = { job, epoch };
  const steps = await runs.records(job);
  const brief = await readBrief(runs, blobs, job);
  const recorded = steps.map((step) => step.record);
  const events: UnnumberedEvent[] = [];
  const waits: Wait[] = [];
  const dying = new AbortController();
  let kept = 0;
  const opened = given(
    await house.openRun({
      record,
      brief,
      recorded,
      own: recorded,
      journal: {
        records: async () => recorded,
        async append(one: StepRecord) {
          if (kept === dieAfter) dying.abort(failure('lease-lost', 'The worker is gone.'));
          if (dying.signal.aborted) return;
          kept += 1;
          await runs.append(lease, one);
        },
      },
      inherited: new Set(steps.filter(({ inherited }) => inherited).map((step) => step.record.key)),
      signal: dying.signal,
      mayAsk: true,
      beforeSend: () => null,
      emit: (event) => void events.push(event),
      tell: () => {},
      async awaitSignal(wait) {
        const signal = await runs.takeSignal(job, wait);
        if (signal !== null) return { ok: true, value: { type: 'signal', value: signal.value } };
        waits.push(wait);
        return { ok: false, failure: failure('parked', 'Nobody has answered yet.') };
      },
    }),
  );
  const { outcome, failure: why, result } = await runJob({ ...opened, brief, recorded });
  if (dying.signal.aborted) return null;
  await runs.emit(lease, events);
  if (outcome === 'parked') {
    const parked = await runs.settle(lease, { type: 'parked', waits, costMicroUsd: 0 });
    return parked?.record ?? null;
  }
  const state = ({ done: 'succeeded', failed: 'failed', cancelled: 'cancelled' } as const)[outcome];
  return await settle(house, claim, { state, failure: why, result });
}

async function settle(
  { store, clock }: JobHouse,
  { job, epoch, record }: Claim,
  end: {
    readonly state: Extract<JobState, 'succeeded' | 'failed' | 'cancelled'>;
    readonly failure: JobRecord['failure'];
    readonly result: Awaited<ReturnType<typeof runJob>>['result'];
  },
): Promise<JobRecord | null> {
  const { state, failure: why, result } = end;
  const elapsedMs = clock.now() - (record.startedAtMs ?? clock.now());
  const output = { result, usage: accountOf([]), cuts: [], elapsedMs };
  const settled = await store.runs.settle(
    { job, epoch },
    { type: 'ended', state, failure: why, output, costMicroUsd: 1 },
  );
  return settled?.record ?? null;
}
