import type { Pool } from 'pg';
import type { Clock } from '../../../core/index.ts';

/** How long a measurement is believed, in ms: clocks of machines drift by some ms an hour. */
const believedMs = 60_000;
/** The quickest of some answers tells the time best. */
const tries = 3;

/** The server's time, so that all workers have one clock. */
export interface ServerClock {
  now(): number;
  /** Measures again and again until the signal fires. */
  keep(signal: AbortSignal): Promise<void>;
}

/** Measures how far this machine's clock is from the server's. */
export async function createServerClock(pool: Pool, clock: Clock): Promise<ServerClock> {
  let aheadMs = await measure(pool, clock);
  return {
    now: () => Math.round(clock.now() + aheadMs),
    async keep(signal) {
      while (!signal.aborted) {
        await clock.sleep(believedMs, signal);
        if (signal.aborted) return;
        // While the server does not answer, the last measurement is the best there is.
        aheadMs = await measure(pool, clock).catch(() => aheadMs);
      }
    },
  };
}

async function measure(pool: Pool, clock: Clock): Promise<number> {
  let best = { tookMs: Number.POSITIVE_INFINITY, aheadMs: 0 };
  for (let left = tries; left > 0; left--) {
    const askedMs = clock.now();
    const { rows } = await pool.query<{ now: number }>(
      'select (extract(epoch from clock_timestamp()) * 1000)::float8 as now',
    );
    const tookMs = clock.now() - askedMs;
    if (tookMs < best.tookMs) best = { tookMs, aheadMs: (rows[0]?.now ?? askedMs) - askedMs - tookMs / 2 };
  }
  return best.aheadMs;
}
