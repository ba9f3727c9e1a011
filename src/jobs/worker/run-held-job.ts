import {
  type Ending,
  type Failure,
  failure,
  type JobEvent,
  type JobOutput,
  type Json,
  type StepRecord,
  type StoredStep,
  type Wait,
} from '../../core/index.ts';
import type { AcceptedBrief } from '../accept.ts';
import { readBrief } from '../desk/stored-brief.ts';
import { firstLine } from '../first-line.ts';
import { forgetStatus } from '../live.ts';
import { type JobEnd, runJob } from '../run-job.ts';
import { backoffMs } from './backoff.ts';
import { elapsedMs, endingOf, type RetryTerms } from './ending.ts';
import { type HeldJob, mayKeep } from './held-job.ts';
import { type JobStream, openJobStream } from './job-stream.ts';
import { confirmHold, type HeldJournal, heldJournal, heldWaits } from './lease-bound.ts';
import type { Office } from './office.ts';
import { tellMoved } from './tend-store.ts';
import { readToldBefore, type ToldBefore } from './told-before.ts';

/** Runs a job that the worker holds, and lets go of it: ended, parked or handed over. */
export async function runHeldJob(held: HeldJob, office: Office): Promise<void> {
  const begun = await office.ask(() => readJob(held, office));
  if (!begun.ok) {
    // What was told before cannot be read either: every beginning counts as a try.
    const before = { tries: held.record.attempts - 1, absence: { times: 0, sinceMs: null } };
    const ending = endingOf(
      { end: failed(begun.failure), stopped: held.stopped(), waits: [], output: outputOf(held, office) },
      retryTerms(before, office),
    );
    return await letGo(held, { ending, stream: null }, office);
  }
  const { told, brief, recorded } = begun.value;
  const records = recorded.map(({ record }) => record);
  const journal = heldJournal(held, records, office);
  const stream = openJobStream(held, { told, journal }, office);
  office.streams.add(stream);
  try {
    const waits = new Map<string, Wait>();
    const end = await runSafely(held, { ...begun.value, records, journal, stream, waits }, office);
    await journal.settled();
    const output = outputOf(held, office, { end, brief, stream });
    const ending = endingOf(
      { end, stopped: held.stopped(), waits: [...waits.values()], output },
      retryTerms(told, office),
    );
    await letGo(held, { ending, stream }, office);
  } finally {
    office.streams.delete(stream);
    office.deltas.forget(held.lease.job);
  }
}

interface BegunJob {
  readonly brief: AcceptedBrief;
  readonly recorded: readonly StoredStep[];
  readonly told: ToldBefore;
}

async function readJob({ lease: { job } }: HeldJob, { parts: { store } }: Office): Promise<BegunJob> {
  const { runs, blobs } = store;
  const [brief, recorded, told] = await Promise.all([
    readBrief(runs, blobs, job),
    runs.records(job),
    readToldBefore(runs, job),
  ]);
  return { brief, recorded, told };
}

interface JobToRun extends BegunJob {
  readonly records: readonly StepRecord[];
  readonly journal: HeldJournal;
  readonly stream: JobStream;
  /** Takes what the job waits for, by the key of its step. */
  readonly waits: Map<string, Wait>;
}

/** Runs it. What is thrown ends this job alone, never the worker. */
async function runSafely(held: HeldJob, toRun: JobToRun, office: Office): Promise<JobEnd> {
  try {
    return await run(held, toRun, office);
  } catch (error) {
    const { store, report } = office.parts;
    if (!mayKeep(held)) return failed(gone);
    const answer = await office.ask(() => store.ping());
    if (!answer.ok) {
      held.stop('storage-failed');
      return failed(answer.failure);
    }
    report(`Job ${held.lease.job} was stopped by a bug of a tool or of Inspan: ${firstLine(error)}.`);
    return failed(bug);
  }
}

async function run(held: HeldJob, toRun: JobToRun, office: Office): Promise<JobEnd> {
  const { brief, records, journal, stream, waits } = toRun;
  // A worker that is drained while it claims hands its catch over unopened.
  if (held.stopped() !== null) return failed(gone);
  const inherited = new Set(toRun.recorded.flatMap((step) => (step.inherited ? [step.record.key] : [])));
  const opened = await office.parts.openRun({
    record: held.record,
    brief,
    recorded: records,
    own: toRun.recorded.flatMap((step) => (step.inherited ? [] : [step.record])),
    journal,
    inherited,
    signal: held.signal,
    mayAsk: true,
    beforeSend: () => confirmHold(held, office),
    emit: (event) => stream.emit(isFree(event, inherited) ? { ...event, costMicroUsd: 0 } : event),
    tell: (delta) => office.deltas.tell(held.lease.job, delta),
    awaitSignal: heldWaits(held, waits, office),
  });
  if (!opened.ok) return failed(opened.failure);
  const { compiled, run, notices } = opened.value;
  for (const message of notices) stream.emit({ type: 'warning', message });
  return await runJob({ compiled, brief, run, recorded: records });
}

type ModelCalled = Extract<JobEvent, { readonly type: 'model-called' }>;

/** What a fork took over was paid for by the job that it was made from. */
function isFree(event: JobEvent, inherited: ReadonlySet<string>): event is ModelCalled {
  if (event.type !== 'model-called' || !event.replayed) return false;
  // What is told of a call that came to nothing bears the key of its step.
  return inherited.has(`${event.key}/model`) || inherited.has(event.key);
}

interface LettingGo {
  /** Null where the job is somebody else's already. */
  readonly ending: Ending | null;
  /** Null where the job could not be begun. */
  readonly stream: JobStream | null;
}

/** A store that fails for longer is asked this often. */
const settleBackoff = Object.freeze({ firstMs: 200, mostMs: 5_000 });

/** Keeps how the job ended, however long the store fails; until then the lease is kept, so that it is nobody else's. */
async function letGo(held: HeldJob, { ending, stream }: LettingGo, office: Office): Promise<void> {
  if (ending === null) return;
  const { store, hot, clock, random } = office.parts;
  const last =
    ending.type === 'ended'
      ? { ...ending, events: stream?.lastEvents(jobEnded(ending)) ?? [jobEnded(ending)] }
      : ending;
  for (let tries = 0; held.stopped() !== 'lost'; tries += 1) {
    const flushed = (await stream?.flush()) ?? { ok: true };
    const settled = flushed.ok ? await office.ask(() => store.runs.settle(held.lease, last)) : null;
    if (settled?.ok) {
      // Given to somebody else; or settled by a call before, whose answer was lost: then nobody has told it yet.
      if (settled.value === null) return await tellMoved([held.lease.job], office);
      return stream === null ? await forgetStatus(hot, held.lease.job) : await stream.finish(settled.value);
    }
    if (office.giveUp.aborted) return;
    await clock.sleep(backoffMs(tries, settleBackoff, random), office.giveUp);
  }
}

function jobEnded({ state, failure }: Extract<Ending, { readonly type: 'ended' }>) {
  const outcomes = {
    succeeded: 'done',
    failed: 'failed',
    cancelled: 'cancelled',
    expired: 'failed',
  } as const;
  return { type: 'job-ended', outcome: outcomes[state], code: failure?.code ?? null } as const;
}

function outputOf(
  { record }: HeldJob,
  { parts }: Office,
  ran: { readonly end: JobEnd; readonly brief: AcceptedBrief; readonly stream: JobStream } | null = null,
): JobOutput {
  return {
    result: ran?.end.result ?? {},
    usage: parts.accountOf(ran?.stream.calls() ?? []),
    cuts: (ran?.brief.cuts ?? []) as unknown as readonly Json[],
    elapsedMs: elapsedMs(record, parts.clock.now()),
  };
}

function retryTerms(
  { tries, absence }: Pick<RetryTerms, 'tries' | 'absence'>,
  { parts, terms }: Office,
): RetryTerms {
  const { clock, random } = parts;
  return { tries, absence, triesMax: terms.retriesMax, nowMs: clock.now(), random };
}

function failed(why: Failure): JobEnd {
  return { outcome: 'failed', failure: why, result: {} };
}

const gone = failure('lease-lost', 'The worker was stopped before the job ended.');
const bug = failure(
  'tool-failed',
  'A bug of a tool or of Inspan stopped the job: the log of its worker says which. Mend it and retry the job.',
);
