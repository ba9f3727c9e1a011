import { type Clock, type EndedState, endedStates, type RunStore, type Vacuumed } from '../core/index.ts';

/** How many days ended jobs are kept, by how they ended. */
export type KeepDays = Readonly<Record<EndedState, number>>;

/** What is kept where nobody says otherwise: a month, and a season where somebody may still want to know why. */
export const defaultKeepDays: KeepDays = Object.freeze({
  succeeded: 30,
  cancelled: 30,
  expired: 30,
  failed: 90,
});

/** What retention works with. */
export interface RetentionParts {
  readonly runs: RunStore;
  readonly clock: Clock;
  /** Default: `defaultKeepDays`. */
  readonly keepDays?: Partial<KeepDays>;
}

const dayMs = 24 * 60 * 60_000;
/** Bytes that nobody names may be about to be named by a job that is being accepted: a day is long for that. */
const blobGraceMs = dayMs;
/** So many jobs go in one transaction: short enough that nobody waits for it noticeably. */
const jobsPerCall = 200;
/** A dry run counts up to this many. */
const dryRunMax = 10_000;
/** More calls than this in a row mean that something comes back: the next hour goes on. */
const callsMax = 1_000;

/** Removes what has been kept long enough; `dryRun` only says what would go, of the first 10,000 jobs. */
export async function vacuum(
  { runs, clock, keepDays = {} }: RetentionParts,
  { dryRun, signal }: { readonly dryRun: boolean; readonly signal?: AbortSignal },
): Promise<Vacuumed> {
  const days = { ...defaultKeepDays, ...keepDays };
  const keepMs = Object.fromEntries(endedStates.map((state) => [state, days[state] * dayMs])) as Readonly<
    Record<EndedState, number>
  >;
  const retention = { nowMs: clock.now(), keepMs, blobGraceMs, dryRun };
  if (dryRun) return await runs.vacuum({ ...retention, limit: dryRunMax });
  const jobs: string[] = [];
  let [blobs, bytesSize] = [0, 0];
  for (let call = 0; call < callsMax && signal?.aborted !== true; call += 1) {
    const gone = await runs.vacuum({ ...retention, limit: jobsPerCall });
    jobs.push(...gone.jobs);
    blobs += gone.blobs;
    bytesSize += gone.bytesSize;
    if (gone.jobs.length < jobsPerCall) break;
  }
  return { jobs, blobs, bytesSize };
}

/** Retention at work. */
export interface Retaining {
  close(): Promise<void>;
}

/** Old jobs are no hurry: after a start others come first. */
const firstAfterMs = 60_000;
const everyMs = 60 * 60_000;

/** Removes what has been kept long enough, every hour. */
export function startRetention(
  parts: RetentionParts & { readonly report: (problem: string) => void },
): Retaining {
  const closing = new AbortController();
  const { signal } = closing;
  const work = (async () => {
    await parts.clock.sleep(firstAfterMs, signal);
    while (!signal.aborted) {
      try {
        await vacuum(parts, { dryRun: false, signal });
      } catch (error) {
        parts.report(`Retention waits: ${error instanceof Error ? error.message : String(error)}`);
      }
      await parts.clock.sleep(everyMs, signal);
    }
  })();
  return {
    async close() {
      closing.abort();
      await work;
    },
  };
}
