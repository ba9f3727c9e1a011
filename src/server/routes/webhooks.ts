import { z } from '@hono/zod-openapi';
import { type Delivery, failure, ok, type Result, type Webhook } from '../../core/index.ts';
import type { Caller } from '../../jobs/index.ts';
import type { ServerParts } from '../parts.ts';
import { json, type Route, refuse, replyWith, route } from '../route.ts';
import { defined } from '../shapes/defined.ts';
import { pageOnWire, pageQueryShape, pageShape } from '../shapes/page.ts';
import { idShape } from '../shapes/values.ts';
import {
  deliveryOnWire,
  deliveryShape,
  newWebhookShape,
  webhookChangeShape,
  webhookOnWire,
  webhookRequestShape,
  webhookShape,
} from '../shapes/webhook.ts';
import { checkWebhookUrl } from '../webhooks/address.ts';
import { makeWebhookSecret } from '../webhooks/signature.ts';

type Parts = Pick<ServerParts, 'desk' | 'store' | 'clock' | 'newId' | 'randomBytes' | 'options'>;

const topic = 'Webhooks';
const scope = 'webhooks:write';
const paramsShape = z.object({ id: idShape('Id of a webhook.') });
/** The most webhooks of a tenant: each is told of every job. */
const webhooksMax = 50;

/** Routes for addresses that are told what happens to jobs. */
export function webhookRoutes(parts: Parts): readonly Route[] {
  return [makeRoute(parts), listRoute(parts), showRoute(parts), changeRoute(parts), removeRoute(parts)];
}

/** Routes for the messages that webhooks were sent. */
export function deliveryRoutes(parts: Parts): readonly Route[] {
  return [deliveriesRoute(parts), redeliverRoute(parts), testRoute(parts)];
}

function makeRoute({ desk, store, clock, newId, randomBytes, options }: Parts): Route {
  return route({
    method: 'post',
    path: '/v1/webhooks',
    topic,
    summary: 'Create a webhook',
    description: 'Messages are signed as Standard Webhooks wants it, and tried again for about three days.',
    scope,
    body: webhookRequestShape,
    answers: { 201: { description: 'The webhook and its secret', shape: newWebhookShape } },
    async handle({ caller, body }) {
      const checked = checkWebhookUrl(body.url, { allowPrivate: options.hasPrivateWebhooks });
      if (!checked.ok) return refuse(checked.failure);
      if ((await store.webhooks.list(caller.tenant)).length >= webhooksMax) return refuse(tooMany);
      const webhook: Webhook = {
        id: `wh_${newId()}`,
        tenant: caller.tenant,
        // As it is called: in the text there may be what no database keeps.
        url: checked.value.href,
        secret: makeWebhookSecret(randomBytes),
        events: body.events,
        isPaused: false,
        createdAtMs: clock.now(),
      };
      await store.webhooks.add(webhook);
      await desk.note(caller, {
        action: 'webhook.create',
        target: webhook.id,
        detail: { events: body.events },
      });
      const location = { location: `/v1/webhooks/${webhook.id}` };
      return json({ ...webhookOnWire(webhook), secret: webhook.secret }, 201, location);
    },
  });
}

const tooMany = failure('too-many-requests', `There are ${webhooksMax} webhooks already: remove one first.`);

function listRoute({ store }: Parts): Route {
  return route({
    method: 'get',
    path: '/v1/webhooks',
    topic,
    summary: 'List webhooks',
    scope,
    answers: {
      200: {
        description: 'All of them',
        shape: z.object({ items: z.array(webhookShape) }).openapi('WebhookList'),
      },
    },
    async handle({ caller }) {
      return json({ items: (await store.webhooks.list(caller.tenant)).map(webhookOnWire) });
    },
  });
}

function showRoute(parts: Parts): Route {
  return route({
    method: 'get',
    path: '/v1/webhooks/{id}',
    topic,
    summary: 'Get a webhook',
    scope,
    params: paramsShape,
    answers: { 200: { description: 'The webhook', shape: webhookShape } },
    async handle({ caller, params }) {
      return replyWith(await find(parts, caller, params.id), (webhook) => json(webhookOnWire(webhook)));
    },
  });
}

function changeRoute({ desk, store, options }: Parts): Route {
  return route({
    method: 'patch',
    path: '/v1/webhooks/{id}',
    topic,
    summary: 'Update a webhook',
    scope,
    params: paramsShape,
    body: webhookChangeShape,
    answers: { 200: { description: 'The webhook', shape: webhookShape } },
    async handle({ caller, params, body }) {
      const allowPrivate = options.hasPrivateWebhooks;
      const checked = body.url === undefined ? ok(null) : checkWebhookUrl(body.url, { allowPrivate });
      if (!checked.ok) return refuse(checked.failure);
      const url = checked.value?.href;
      const changed = await store.webhooks.change(caller.tenant, params.id, defined({ ...body, url }));
      if (changed === null) return refuse(missing);
      const detail = { changed: Object.keys(body) };
      await desk.note(caller, { action: 'webhook.change', target: changed.id, detail });
      return json(webhookOnWire(changed));
    },
  });
}

function removeRoute({ desk, store }: Parts): Route {
  return route({
    method: 'delete',
    path: '/v1/webhooks/{id}',
    topic,
    summary: 'Delete a webhook',
    scope,
    params: paramsShape,
    answers: { 204: { description: 'Removed' } },
    async handle({ caller, params }) {
      if (!(await store.webhooks.remove(caller.tenant, params.id))) return refuse(missing);
      await desk.note(caller, { action: 'webhook.remove', target: params.id, detail: {} });
      return new Response(null, { status: 204 });
    },
  });
}

function deliveriesRoute(parts: Parts): Route {
  return route({
    method: 'get',
    path: '/v1/webhooks/{id}/deliveries',
    topic,
    summary: 'List deliveries',
    description: 'Newest first, with every try.',
    scope,
    params: paramsShape,
    query: pageQueryShape,
    answers: { 200: { description: 'One page', shape: pageShape(deliveryShape).openapi('DeliveryPage') } },
    async handle({ caller, params, query }) {
      const webhook = await find(parts, caller, params.id);
      if (!webhook.ok) return refuse(webhook.failure);
      const { cursor, limit } = query;
      const page = await parts.store.webhooks.deliveries(caller.tenant, params.id, {
        limit,
        ...defined({ cursor }),
      });
      return json(pageOnWire(page, deliveryOnWire));
    },
  });
}

function redeliverRoute(parts: Parts): Route {
  return route({
    method: 'post',
    path: '/v1/webhooks/{id}/deliveries/{delivery}/redeliver',
    topic,
    summary: 'Redeliver a message',
    description: 'It keeps its id, so that whoever had it already can tell.',
    scope,
    params: paramsShape.extend({ delivery: idShape('Id of a delivery.') }),
    answers: { 202: { description: 'It is sent soon', shape: deliveryShape } },
    async handle({ caller, params }) {
      const { desk, store, clock } = parts;
      const webhook = await find(parts, caller, params.id);
      if (!webhook.ok) return refuse(webhook.failure);
      const delivery = await store.webhooks.redeliver(
        caller.tenant,
        { webhook: params.id, id: params.delivery },
        clock.now(),
      );
      if (delivery === null) return refuse(missingDelivery);
      await desk.note(caller, { action: 'webhook.redeliver', target: delivery.id, detail: {} });
      return json(deliveryOnWire(delivery), 202);
    },
  });
}

function testRoute(parts: Parts): Route {
  return route({
    method: 'post',
    path: '/v1/webhooks/{id}/test',
    topic,
    summary: 'Send a test message',
    scope,
    isAccept: true,
    params: paramsShape,
    answers: { 202: { description: 'It is sent soon', shape: deliveryShape } },
    async handle({ caller, params }) {
      const { desk, store } = parts;
      const webhook = await find(parts, caller, params.id);
      if (!webhook.ok) return refuse(webhook.failure);
      const delivery = testDelivery(parts, webhook.value);
      await store.webhooks.enqueue([delivery]);
      await desk.note(caller, { action: 'webhook.test', target: params.id, detail: {} });
      return json(deliveryOnWire(delivery), 202);
    },
  });
}

function testDelivery({ clock, newId }: Parts, { id, tenant }: Webhook): Delivery {
  const nowMs = clock.now();
  const event = 'webhook.test';
  return {
    id: `msg_${newId()}`,
    webhook: id,
    tenant,
    job: '',
    event,
    payload: JSON.stringify({ type: event, timestamp: new Date(nowMs).toISOString(), data: {} }),
    state: 'waiting',
    attempts: [],
    nextAtMs: nowMs,
    createdAtMs: nowMs,
  };
}

async function find({ store }: Parts, { tenant }: Caller, id: string): Promise<Result<Webhook>> {
  const webhook = await store.webhooks.find(tenant, id);
  return webhook === null ? { ok: false, failure: missing } : ok(webhook);
}

const missing = failure('not-found', 'There is no such webhook. See GET /v1/webhooks.');
const missingDelivery = failure(
  'not-found',
  'There is no such delivery. See GET /v1/webhooks/{id}/deliveries.',
);
