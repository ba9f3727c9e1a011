import type { SeenCall } from './gateway.ts';
import type { Kill, Outage } from './house.ts';
import type { EndedOrder } from './run-chaos.ts';

/** Two processes may differ by this much in what they take for the time of the store. */
const clockMsMax = 50;

/** What a job may take until it goes on, in ms. */
const calmMs = 2_000;

/** The most jobs of one tenant that ran at once, by what their streams say. */
export function mostAtOnce(orders: readonly EndedOrder[]): number {
  const marks = orders.flatMap((order) =>
    runsOf(order).flatMap(({ fromMs, toMs }) =>
      toMs - fromMs <= clockMsMax
        ? []
        : [
            { tenant: order.tenant, atMs: fromMs + clockMsMax, by: 1 },
            { tenant: order.tenant, atMs: toMs, by: -1 },
          ],
    ),
  );
  const running = new Map<string, number>();
  let most = 0;
  for (const { tenant, by } of marks.sort((a, b) => a.atMs - b.atMs || a.by - b.by)) {
    const count = (running.get(tenant) ?? 0) + by;
    running.set(tenant, count);
    most = Math.max(most, count);
  }
  return most;
}

function runsOf({ events }: EndedOrder): readonly { readonly fromMs: number; readonly toMs: number }[] {
  const moves = events.filter((event) => event.type === 'job-moved');
  return moves.flatMap(({ state, at }, place) => {
    const next = moves[place + 1];
    if (state !== 'running' || next === undefined) return [];
    return [{ fromMs: Date.parse(at), toMs: Date.parse(next.at) }];
  });
}

/** For each kill of a process that had jobs: how long it took, in ms, until a step of one of them was begun elsewhere. */
export function resumedAfterMs(
  kills: readonly Kill[],
  orders: readonly EndedOrder[],
  calls: readonly SeenCall[],
): readonly number[] {
  const byOrder = Map.groupBy(calls, ({ order }) => order);
  return kills.flatMap((kill) => {
    const resumed = orders.flatMap((order) => resumedAtMs(order, kill, byOrder.get(order.order) ?? []));
    return resumed.length === 0 ? [] : [Math.min(...resumed) - kill.atMs];
  });
}

/** Kills that no outage of the store came near. */
export function calmKills(kills: readonly Kill[], outages: readonly Outage[]): readonly Kill[] {
  return kills.filter(({ atMs }) =>
    outages.every(({ fromMs, toMs }) => atMs > toMs || atMs < fromMs - calmMs),
  );
}

/** Nothing where the process did not have the job. */
function resumedAtMs(
  { job, events, steps }: EndedOrder,
  { process, atMs }: Kill,
  calls: readonly SeenCall[],
): readonly number[] {
  const holder = calls.findLast(({ askedAtMs }) => askedAtMs <= atMs)?.process;
  if (holder !== process || Date.parse(job.endedAt ?? '') <= atMs) return [];
  const moves = events.filter((event) => event.type === 'job-moved');
  // What was parked or in line when the process died was not the process's any more.
  if (moves.findLast(({ at }) => Date.parse(at) <= atMs)?.state !== 'running') return [];
  const lost = moves.find(({ state, at }) => state === 'queued' && Date.parse(at) >= atMs);
  if (lost === undefined) return [];
  // It is queued under a new epoch, and begun under another one.
  const next = steps.find(({ epoch, at }) => epoch > lost.epoch && Date.parse(at) >= atMs);
  return next === undefined ? [] : [Date.parse(next.at)];
}

/** The middle of some numbers; null where there are none. */
export function median(numbers: readonly number[]): number | null {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? null;
}
