import { fail, type JobRecord, ok, type Result, type Store, type StoredStep } from '../core/index.ts';
import { readBrief } from './desk/stored-brief.ts';
import type { OpenedRun, OpenRun } from './open-run.ts';
import { type ReplayJournal, replayOnly } from './replay-journal.ts';
import { type JobEnd, runJob } from './run-job.ts';

/** What a replay works with. */
export interface ReplayParts {
  readonly store: Pick<Store, 'runs' | 'blobs'>;
  readonly openRun: OpenRun;
}

/** A job that was run again from its journal. */
export interface ReplayedRun {
  readonly steps: readonly StoredStep[];
  readonly opened: OpenedRun;
  readonly replayed: ReplayJournal;
  readonly end: JobEnd;
}

/** Runs a job again, to where its journal ends. Nothing is asked, done or kept. */
export async function replayRun(
  { store, openRun }: ReplayParts,
  record: JobRecord,
): Promise<Result<ReplayedRun>> {
  const [brief, steps] = await Promise.all([
    readBrief(store.runs, store.blobs, record.id),
    store.runs.records(record.id),
  ]);
  const recorded = steps.map((step) => step.record);
  const opened = await openRun({
    record,
    brief,
    recorded,
    own: [],
    // What a replay adds to its journal is forgotten with it.
    journal: { records: async () => recorded, append: async () => {} },
    inherited: new Set(steps.filter(({ inherited }) => inherited).map((step) => step.record.key)),
    signal: new AbortController().signal,
    mayAsk: false,
    beforeSend: () => null,
    emit: () => {},
    tell: () => {},
    awaitSignal: async () => fail('parked', 'Nobody answers in a replay.'),
  });
  if (!opened.ok) return opened;
  const { compiled, run } = opened.value;
  const replayed = replayOnly(run.journal);
  const end = await runJob({ compiled, brief, recorded, run: { ...run, journal: replayed.journal } });
  return ok({ steps, opened: opened.value, replayed, end });
}
