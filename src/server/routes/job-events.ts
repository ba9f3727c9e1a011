import { z } from '@hono/zod-openapi';
import { failure, isEnded, StorageError } from '../../core/index.ts';
import type { Caller } from '../../jobs/index.ts';
import type { Door } from '../http/door.ts';
import { eventStream } from '../http/event-stream.ts';
import type { StreamSlots } from '../http/stream-slots.ts';
import type { ServerParts } from '../parts.ts';
import { type Route, refuse, route } from '../route.ts';
import { deltaShape, eventShape } from '../shapes/event.ts';
import { jobParamsShape } from './job-views.ts';

const scope = 'jobs:read';
const placeShape = z.coerce.number().int().min(0);

/** What the stream of events is made of. */
export interface EventRouteParts extends Pick<ServerParts, 'desk' | 'clock' | 'options'> {
  readonly door: Door;
  readonly slots: StreamSlots;
  /** Fires when the server closes. */
  readonly closing: AbortSignal;
}

/** The route that follows a job while it works. */
export function jobEventsRoute(parts: EventRouteParts): Route {
  const { desk, slots, closing } = parts;
  return route({
    method: 'get',
    path: '/v1/jobs/{id}/events',
    topic: 'Jobs',
    summary: 'Stream events',
    description:
      'Server-sent events: all that has happened, then what happens, until the job has ended. `id` is the place in the stream, `event` its type, `data` JSON. Words of models come as `text` and `retracted`, without an id; nobody keeps them.',
    scope,
    params: jobParamsShape,
    query: z.strictObject({
      after: placeShape.optional().openapi({ description: 'Only events after this place.' }),
      deltas: z
        .enum(['true', 'false'])
        .default('true')
        .openapi({ description: '`false`: without the words of models.' }),
    }),
    headers: { 'Last-Event-ID': 'As `after`, and before it: what comes back to the stream sends it.' },
    answers: {
      200: {
        description: 'The stream',
        type: 'text/event-stream',
        shape: z.union([eventShape, deltaShape]),
      },
      204: { description: 'The job has ended, and nothing happened after that place: do not come back' },
    },
    problems: ['too-many-requests'],
    async handle({ caller, params, query, request: { method, headers, signal } }) {
      const last = placeShape.safeParse(headers.get('last-event-id') ?? query.after ?? 0);
      if (!last.success)
        return refuse(failure('wrong-input', 'Last-Event-ID: send the id of an event, a number.'));
      const after = last.data ?? 0;
      if (after > 0 && (await isOver(desk, { caller, id: params.id, after }))) {
        return new Response(null, { status: 204 });
      }
      const slot = slots.take(`${caller.tenant} ${caller.by}`);
      if (!slot.ok) return refuse(slot.failure);
      const over = new AbortController();
      over.signal.addEventListener('abort', slot.value, { once: true });
      const stop = AbortSignal.any([signal, closing, over.signal]);
      // Whoever left early leaves no stream behind.
      stop.addEventListener('abort', () => over.abort(), { once: true });
      const following = await follow();
      if (!following.ok || method === 'HEAD') over.abort();
      if (!following.ok) return refuse(following.failure);
      if (method === 'HEAD') return new Response(null, { headers: streamHeaders });
      const stream = eventStream({
        events: following.value,
        clock: parts.clock,
        heartbeatMs: parts.options.limits.heartbeatMs,
        hasDeltas: query.deltas === 'true',
        mayGoOn: () => isStillAdmitted(parts.door, headers),
        closing,
        over,
      });
      return new Response(stream, { headers: streamHeaders });

      async function follow() {
        try {
          return await desk.follow(caller, params.id, { after, signal: stop });
        } catch (error) {
          over.abort();
          throw error;
        }
      }
    },
  });
}

/**
 * Says whether a job has ended and there is nothing newer. Who only wants to go on is then told so: a browser would
 * come back to the stream for ever. What is newer is asked of the truth, since the copy may be old.
 */
async function isOver(
  desk: ServerParts['desk'],
  { caller, id, after }: { readonly caller: Caller; readonly id: string; readonly after: number },
): Promise<boolean> {
  const status = await desk.status(caller, id);
  if (!status.ok || !isEnded(status.value.job.state) || status.value.progress.eventSeq > after) return false;
  const stop = new AbortController();
  const following = await desk.follow(caller, id, { after, signal: stop.signal });
  if (!following.ok) return false;
  const iterator = following.value[Symbol.asyncIterator]();
  const { done } = await iterator.next();
  stop.abort();
  if (done !== true) await iterator.return?.();
  return done === true;
}

/** A store that is away for a moment has not ended anybody's key. */
async function isStillAdmitted(door: Door, headers: Headers): Promise<boolean> {
  try {
    const admitted = await door.admit({ headers }, scope);
    return admitted.ok || admitted.failure.code === 'too-many-requests';
  } catch (error) {
    if (error instanceof StorageError) return true;
    throw error;
  }
}

const streamHeaders: Readonly<Record<string, string>> = Object.freeze({
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  // Else nginx collects events until a buffer is full.
  'x-accel-buffering': 'no',
});
