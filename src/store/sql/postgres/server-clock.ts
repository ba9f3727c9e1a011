import type { Pool } from 'pg';
import type { Clock } from '../../../core/index.ts';

/**
 * How long a measurement is believed, in ms: clocks of machines drift by some ms an hour, and one that slept is behind
 * for so long.
 */
const believedMs = 10_000;
/** The quickest of some answers tells the time best. */
const tries = 3;
/** An answer that took longer, in ms, says too little: half of it may be wrong. */
const tookMsMax = 500;

/** The server's time, so that all workers have one clock. */
export interface ServerClock {
  now(): number;
  /** Measures again and again until the signal fires. */
  keep(signal: AbortSignal): Promise<void>;
}

/** Measures the server's time and counts on from there. A clock that is set does not make it leap. */
export async function createServerClock(pool: Pool, clock: Clock): Promise<ServerClock> {
  const steadyNow = (): number => clock.steadyNow?.() ?? clock.now();
  let aheadMs = (await measure(pool, steadyNow)).aheadMs;
  return {
    now: () => Math.round(steadyNow() + aheadMs),
    async keep(signal) {
      while (!signal.aborted) {
        await clock.sleep(believedMs, signal);
        if (signal.aborted) return;
        // While the server does not answer, the last measurement is the best there is.
        const measured = await measure(pool, steadyNow).catch(() => null);
        if (measured !== null && measured.tookMs <= tookMsMax) aheadMs = measured.aheadMs;
      }
    },
  };
}

interface Measured {
  readonly tookMs: number;
  /** How far the server's clock is ahead of the steady one. */
  readonly aheadMs: number;
}

async function measure(pool: Pool, steadyNow: () => number): Promise<Measured> {
  let best: Measured = { tookMs: Number.POSITIVE_INFINITY, aheadMs: 0 };
  for (let left = tries; left > 0; left--) {
    const askedMs = steadyNow();
    const { rows } = await pool.query<{ now: number }>(
      'select (extract(epoch from clock_timestamp()) * 1000)::float8 as now',
    );
    const tookMs = steadyNow() - askedMs;
    const serverMs = rows[0]?.now;
    if (serverMs === undefined) throw new Error('Postgres did not say what time it is');
    if (tookMs < best.tookMs) best = { tookMs, aheadMs: serverMs - askedMs - tookMs / 2 };
  }
  return best;
}
