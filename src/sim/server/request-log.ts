import type { Json } from '../../core/index.ts';
import type { HttpCall } from './wire.ts';

/** A request that came, as `GET /sim/requests` tells it: never its keys. */
export interface LoggedRequest {
  /** Counted from 1 since the simulator opened. */
  readonly number: number;
  /** By the simulator's clock. */
  readonly atMs: number;
  readonly method: string;
  readonly path: string;
  /** Null: there was none. */
  readonly body: Json;
}

/** Remembers the last requests. */
export interface RequestLog {
  note(call: HttpCall, atMs: number): void;
  /** The last `count` of them, oldest first. */
  last(count: number): readonly LoggedRequest[];
}

/** Enough to look back over a job of a large team, and less than a simulator should weigh. */
const requestsMax = 1_000;
const bytesMax = 128 * 1024 * 1024;

/** Makes an empty log. The oldest requests go when it is full. */
export function createRequestLog(): RequestLog {
  const kept: { readonly request: LoggedRequest; readonly bytesSize: number }[] = [];
  let count = 0;
  let bytes = 0;
  return {
    note({ method, path, body = null, bytesSize }, atMs) {
      count += 1;
      bytes += bytesSize;
      kept.push({ request: { number: count, atMs, method, path, body }, bytesSize });
      while (kept.length > requestsMax || bytes > bytesMax) bytes -= kept.shift()?.bytesSize ?? bytes;
    },
    last: (most) => kept.slice(-Math.max(1, most)).map(({ request }) => request),
  };
}
