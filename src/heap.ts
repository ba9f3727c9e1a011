import { setFlagsFromString } from 'node:v8';

/**
 * What Node has to be told at its start for a service: room for young objects, in MB. What a call holds lives for as long
 * as the model thinks. In twice the usual room most of it has died before it would be taken for old, and old objects
 * are what is dear to collect.
 */
export const heapFlags: readonly string[] = Object.freeze(['--max-semi-space-size=32']);

/**
 * Makes this process collect old garbage once its heap has grown by four fifths. V8 by itself waits for up to four times
 * as much, which suits programs that end soon. See `npm run bench:jobs -- load` for what a thousand jobs at once take.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=80');
}
