/**
 * Keeps a pace, on a thread of its own: it sleeps exactly and blocks nobody, where a timer of the platform is up to
 * two milliseconds late and waiting in a loop would take a core from what is measured.
 */
import { parentPort, workerData } from 'node:worker_threads';

/** What a pacer is told: when the first one is due by `clockMs`, how many there are, and how far apart. */
export interface Pace {
  readonly fromMs: number;
  readonly count: number;
  readonly everyMs: number;
}

/** A clock that all threads share, in ms. */
export function clockMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

if (parentPort !== null) tellAtPace(workerData as Pace, (dueMs) => parentPort?.postMessage(dueMs));

function tellAtPace({ fromMs, count, everyMs }: Pace, tell: (dueMs: number) => void): void {
  const sleeping = new Int32Array(new SharedArrayBuffer(4));
  for (let place = 0; place < count; place += 1) {
    const dueMs = fromMs + place * everyMs;
    for (let leftMs = dueMs - clockMs(); leftMs > 0; leftMs = dueMs - clockMs()) {
      Atomics.wait(sleeping, 0, 0, leftMs);
    }
    tell(dueMs);
  }
}
