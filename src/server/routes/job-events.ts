import { z } from '@hono/zod-openapi';
import { failure } from '../../core/index.ts';
import { eventStream } from '../http/event-stream.ts';
import type { StreamSlots } from '../http/stream-slots.ts';
import type { ServerParts } from '../parts.ts';
import { type Route, refuse, route } from '../route.ts';
import { deltaShape, eventShape } from '../shapes/event.ts';
import { jobParamsShape } from './job-views.ts';

const placeShape = z.coerce.number().int().min(0);

/** What the stream of events is made of. */
export interface EventRouteParts extends Pick<ServerParts, 'desk' | 'clock' | 'options'> {
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
    summary: 'Follow a job',
    description:
      'Server-sent events: all that has happened, then what happens, until the job has ended. `id` is the place in the stream, `event` its type, `data` JSON. Words of models come as `text` and `retracted`, without an id; nobody keeps them.',
    scope: 'jobs:read',
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
    },
    problems: ['too-many-requests'],
    async handle({ caller, params, query, method, headers, signal }) {
      const last = placeShape.safeParse(headers.get('last-event-id') ?? query.after ?? 0);
      if (!last.success)
        return refuse(failure('wrong-input', 'Last-Event-ID: send the id of an event, a number.'));
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
      const { heartbeatMs } = parts.options.limits;
      const hasDeltas = query.deltas === 'true';
      const events = following.value;
      return new Response(
        eventStream({ events, clock: parts.clock, heartbeatMs, hasDeltas, closing, over }),
        {
          headers: streamHeaders,
        },
      );

      async function follow() {
        try {
          return await desk.follow(caller, params.id, { after: last.data ?? 0, signal: stop });
        } catch (error) {
          over.abort();
          throw error;
        }
      }
    },
  });
}

const streamHeaders: Readonly<Record<string, string>> = Object.freeze({
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  // Else nginx collects events until a buffer is full.
  'x-accel-buffering': 'no',
});
