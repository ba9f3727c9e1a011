import { z } from '@hono/zod-openapi';
import type { Delivery, Webhook } from '../../core/index.ts';
import { moment, momentOrNull, momentShape, orNull } from './values.ts';

/** What a webhook may be told. */
export const webhookEvents = [
  'job.succeeded',
  'job.failed',
  'job.cancelled',
  'job.expired',
  'job.parked',
] as const;

const eventsShape = z.array(z.enum(webhookEvents)).max(webhookEvents.length);
const urlShape = z.url({ protocol: /^https?$/ }).max(2_048);

/** A webhook to make. */
export const webhookRequestShape = z
  .strictObject({
    url: urlShape,
    events: eventsShape.default([]).openapi({ description: 'Which ones it is told; none named: all.' }),
  })
  .openapi('WebhookRequest', { example: { url: 'https://example.org/hooks', events: ['job.succeeded'] } });

/** What may be changed of a webhook. */
export const webhookChangeShape = z
  .strictObject({
    url: urlShape.optional(),
    events: eventsShape.optional(),
    isPaused: z.boolean().optional(),
  })
  .openapi('WebhookChange', { example: { isPaused: true } });

/** An address that is told what happens to jobs. */
export const webhookShape = z
  .object({
    id: z.string(),
    url: z.string(),
    events: z.array(z.string()),
    isPaused: z.boolean(),
    createdAt: momentShape,
  })
  .openapi('Webhook');

/** A webhook that was just made: the only answer that shows its secret. */
export const newWebhookShape = webhookShape
  .extend({
    secret: z.string().openapi({ description: 'Signs every message (Standard Webhooks). Shown only now.' }),
  })
  .openapi('NewWebhook');

/** One message to one address, and every try to deliver it. */
export const deliveryShape = z
  .object({
    id: z.string().openapi({ description: 'The message’s id, the same at every try.' }),
    job: z.string(),
    event: z.string(),
    payload: z.string().openapi({ description: 'What was sent, as JSON.' }),
    state: z.enum(['waiting', 'delivered', 'failed']),
    attempts: z.array(
      z.object({
        at: momentShape,
        status: z.int().nullable().openapi({ description: 'Null where nobody answered.' }),
        elapsedMs: z.number(),
        problem: z.string().nullable(),
      }),
    ),
    nextAt: orNull(momentShape),
    createdAt: momentShape,
  })
  .openapi('Delivery');

/** A webhook over the wire. */
export type WebhookOnWire = z.infer<typeof webhookShape>;

/** A delivery over the wire. */
export type DeliveryOnWire = z.infer<typeof deliveryShape>;

/** Writes a webhook as an answer has it: without its secret. */
export function webhookOnWire({ id, url, events, isPaused, createdAtMs }: Webhook): WebhookOnWire {
  return { id, url, events: [...events], isPaused, createdAt: moment(createdAtMs) };
}

/** Writes a delivery as an answer has it. */
export function deliveryOnWire(delivery: Delivery): DeliveryOnWire {
  const { id, job, event, payload, state, attempts } = delivery;
  return {
    id,
    job,
    event,
    payload,
    state,
    attempts: attempts.map(({ atMs, status, elapsedMs, problem }) => ({
      at: moment(atMs),
      status,
      elapsedMs,
      problem,
    })),
    nextAt: momentOrNull(delivery.nextAtMs),
    createdAt: moment(delivery.createdAtMs),
  };
}
