import {
  type Clock,
  fail,
  failureLine,
  ok,
  type Result,
  type Schedule,
  type Store,
} from '../../core/index.ts';
import type { JobDesk, JobRequest } from '../desk.ts';
import { nextTime } from './next-time.ts';

/** What schedules are run with. */
export interface ScheduleParts {
  readonly desk: Pick<JobDesk, 'accept'>;
  readonly store: Pick<Store, 'schedules'>;
  readonly clock: Clock;
  /** What an operator should see, in one line. */
  readonly report: (problem: string) => void;
}

/** Schedules at work. */
export interface Schedules {
  /** Finishes what is under way and stops. */
  close(): Promise<void>;
}

/** How often schedules are looked at: the finest that a cron expression can say. */
const lookMs = 1_000;
/** At most this many are taken at a time; the others come with the next look. */
const dueMax = 100;

/** Accepts the jobs of schedules as their times come. Any number of processes may do so: none comes twice. */
export function startSchedules(parts: ScheduleParts): Schedules {
  const closing = new AbortController();
  const work = lookUntil(parts, closing.signal);
  return {
    async close() {
      closing.abort();
      await work;
    },
  };
}

async function lookUntil(parts: ScheduleParts, signal: AbortSignal): Promise<void> {
  const { clock, report } = parts;
  let told: string | null = null;
  while (!signal.aborted) {
    const problem = await look(parts);
    // The same trouble every second is told once.
    if (problem !== null && problem !== told) report(problem);
    told = problem;
    await clock.sleep(lookMs, signal);
  }
}

/** Takes what is due. Storage that fails is tried again with the next look: nothing is lost meanwhile. */
async function look(parts: ScheduleParts): Promise<string | null> {
  const due = await tried(() => parts.store.schedules.due(parts.clock.now(), dueMax));
  if (!due.ok) return `Schedules wait: ${due.failure.message}`;
  const problems: string[] = [];
  for (const schedule of due.value) {
    // What goes wrong with one must not keep those behind it from their time.
    const come = await tried(() => comeBack(parts, schedule));
    if (!come.ok) problems.push(`Schedule ${schedule.id} waits: ${come.failure.message}`);
  }
  return problems[0] ?? null;
}

async function tried<T>(work: () => Promise<T>): Promise<Result<T>> {
  try {
    return ok(await work());
  } catch (error) {
    return fail('internal', error instanceof Error ? error.message : String(error));
  }
}

/**
 * The job comes first and its schedule is moved on afterwards: a crash between the two finds the same job again, by a
 * key that only this schedule at this time has. Of times that were missed only the first one comes late.
 */
async function comeBack({ desk, store, clock }: ScheduleParts, schedule: Schedule): Promise<void> {
  const { id, tenant, nextAtMs } = schedule;
  if (nextAtMs === null) return;
  const request = schedule.request as unknown as JobRequest;
  const idempotencyKey = `schedule/${id}/${nextAtMs}`;
  const accepted = await desk.accept({ tenant, by: 'schedule' }, { ...request, idempotencyKey });
  const next = await nextTime(schedule, Math.max(nextAtMs, clock.now()));
  const nextProblem = next.ok ? null : failureLine(next.failure);
  await store.schedules.moveOn(id, nextAtMs, {
    nextAtMs: next.ok ? next.value : null,
    lastJob: accepted.ok ? accepted.value.job.id : schedule.lastJob,
    lastAtMs: nextAtMs,
    problem: accepted.ok ? nextProblem : failureLine(accepted.failures[0]),
  });
}
