import assert from 'node:assert/strict';
import type { Delivery, DeliveryAttempt, Webhook, WebhookStore } from '../core/index.ts';
import { type DeskPromise, refusesCursors } from './desk-contract-promise.ts';

const refused: DeliveryAttempt = { atMs: 5, status: 500, elapsedMs: 12, problem: 'It answered 500.' };
const taken: DeliveryAttempt = { atMs: 6, status: 204, elapsedMs: 3, problem: null };

/** What a store of webhooks and deliveries promises. */
export const webhookPromises: readonly DeskPromise[] = [
  {
    promise: 'a webhook comes back whole, and a change replaces only what it names',
    async check(open) {
      const { webhooks } = await open();
      const webhook = webhookOf({ id: 'wh_1' });
      await webhooks.add(webhook);
      await webhooks.add(webhookOf({ id: 'wh_2', createdAtMs: 9 }));
      assert.deepEqual(await webhooks.find('a', 'wh_1'), webhook);
      assert.deepEqual(
        (await webhooks.list('a')).map(({ id }) => id),
        ['wh_1', 'wh_2'],
      );
      assert.deepEqual(await webhooks.change('a', 'wh_1', {}), webhook);
      const change = { isPaused: true, secret: 'whsec_new', url: 'https://b.example', events: [] };
      assert.deepEqual(await webhooks.change('a', 'wh_1', change), { ...webhook, ...change });
      assert.deepEqual(await webhooks.find('a', 'wh_1'), { ...webhook, ...change });
    },
  },
  {
    promise: 'no tenant finds, changes or removes a webhook of another one, nor its deliveries',
    async check(open) {
      const { webhooks } = await open();
      await webhooks.add(webhookOf({ id: 'wh_1' }));
      await webhooks.enqueue([deliveryOf({ id: 'd1' })]);
      assert.equal(await webhooks.find('b', 'wh_1'), null);
      assert.deepEqual(await webhooks.list('b'), []);
      assert.equal(await webhooks.change('b', 'wh_1', { isPaused: true }), null);
      assert.equal(await webhooks.remove('b', 'wh_1'), false);
      assert.equal(await webhooks.redeliver('b', { webhook: 'wh_1', id: 'd1' }, 1), null);
      assert.deepEqual((await webhooks.deliveries('b', 'wh_1', { limit: 10 })).items, []);
      assert.deepEqual(await log(webhooks), [deliveryOf({ id: 'd1' })]);
    },
  },
  {
    promise: 'with a webhook go its deliveries',
    async check(open) {
      const { webhooks } = await open();
      await webhooks.add(webhookOf({ id: 'wh_1' }));
      await webhooks.enqueue([deliveryOf({ id: 'd1' })]);
      assert.equal(await webhooks.remove('a', 'wh_1'), true);
      assert.equal(await webhooks.remove('a', 'wh_1'), false);
      assert.deepEqual(await log(webhooks), []);
      assert.deepEqual(await take(webhooks, 100, 10), []);
    },
  },
  {
    promise: 'a delivery that is there already changes nothing',
    async check(open) {
      const { webhooks } = await open();
      await webhooks.add(webhookOf({ id: 'wh_1' }));
      await webhooks.enqueue([]);
      await webhooks.enqueue([deliveryOf({ id: 'd1' })]);
      await webhooks.enqueue([deliveryOf({ id: 'd1', payload: 'other' }), deliveryOf({ id: 'd2' })]);
      assert.deepEqual(await log(webhooks), [deliveryOf({ id: 'd2' }), deliveryOf({ id: 'd1' })]);
    },
  },
  {
    promise: 'nobody else takes a delivery before its lease is over, and then somebody does',
    async check(open) {
      const { webhooks } = await open();
      await webhooks.add(webhookOf({ id: 'wh_1' }));
      const ids = Array.from({ length: 40 }, (_, at) => `d${at}`);
      await webhooks.enqueue([
        ...ids.map((id) => deliveryOf({ id })),
        deliveryOf({ id: 'later', nextAtMs: 101 }),
      ]);
      const takes = await Promise.all(Array.from({ length: 6 }, () => take(webhooks, 100, 10)));
      assert.deepEqual(idsOf(takes.flat()), [...ids].sort());
      assert.deepEqual(idsOf(await take(webhooks, 149, 100)), ['later']);
      assert.deepEqual(idsOf(await take(webhooks, 150, 100)), [...ids].sort());
    },
  },
  {
    promise: 'what a paused webhook is owed waits until it goes on',
    async check(open) {
      const { webhooks } = await open();
      await webhooks.add(webhookOf({ id: 'wh_1', isPaused: true }));
      await webhooks.enqueue([deliveryOf({ id: 'd1' })]);
      assert.deepEqual(await take(webhooks, 100, 10), []);
      await webhooks.change('a', 'wh_1', { isPaused: false });
      assert.deepEqual(idsOf(await take(webhooks, 100, 10)), ['d1']);
    },
  },
  {
    promise: 'of one webhook no more are taken than wanted, and none of those left out',
    async check(open) {
      const { webhooks } = await open();
      for (const id of ['wh_1', 'wh_2', 'wh_3']) await webhooks.add(webhookOf({ id }));
      await webhooks.enqueue(['a1', 'a2', 'a3', 'a4'].map((id) => deliveryOf({ id, nextAtMs: 1 })));
      await webhooks.enqueue(['b1', 'b2'].map((id) => deliveryOf({ id, webhook: 'wh_2', nextAtMs: 2 })));
      await webhooks.enqueue([deliveryOf({ id: 'c1', webhook: 'wh_3', nextAtMs: 3 })]);
      const want = { limit: 4, perWebhookMax: 2, without: ['wh_2'] };
      assert.deepEqual(idsOf(await webhooks.take(10, 50, want)), ['a1', 'a2', 'c1']);
      assert.deepEqual(idsOf(await webhooks.take(10, 50, { ...want, without: ['wh_1'] })), ['b1', 'b2']);
      assert.deepEqual(idsOf(await webhooks.take(10, 50, { ...want, limit: 1 })).length, 1);
    },
  },
  {
    promise: 'every try is kept, and says when the next one is due',
    async check(open) {
      const { webhooks } = await open();
      await webhooks.add(webhookOf({ id: 'wh_1' }));
      await webhooks.enqueue([deliveryOf({ id: 'd1' })]);
      await take(webhooks, 100, 10);
      await webhooks.keepAttempt('d1', refused, { state: 'waiting', nextAtMs: 200 });
      assert.deepEqual(await take(webhooks, 199, 10), []);
      assert.deepEqual((await take(webhooks, 200, 10))[0]?.attempts, [refused]);
      await webhooks.keepAttempt('d1', taken, { state: 'delivered', nextAtMs: null });
      const delivered = { attempts: [refused, taken], state: 'delivered', nextAtMs: null } as const;
      assert.deepEqual(await log(webhooks), [deliveryOf({ id: 'd1', ...delivered })]);
      assert.deepEqual(await take(webhooks, 1000, 10), []);
      await webhooks.keepAttempt('gone', taken, { state: 'delivered', nextAtMs: null });
    },
  },
  {
    promise: 'a try that comes late cannot undo that the message was delivered',
    async check(open) {
      const { webhooks } = await open();
      await webhooks.add(webhookOf({ id: 'wh_1' }));
      await webhooks.enqueue([deliveryOf({ id: 'd1' })]);
      await webhooks.keepAttempt('d1', taken, { state: 'delivered', nextAtMs: null });
      await webhooks.keepAttempt('d1', refused, { state: 'waiting', nextAtMs: 200 });
      const [only] = await log(webhooks);
      assert.deepEqual([only?.state, only?.attempts.length], ['delivered', 2]);
    },
  },
  {
    promise: 'a delivery that ended can be made due again, and keeps its tries',
    async check(open) {
      const { webhooks } = await open();
      await webhooks.add(webhookOf({ id: 'wh_1' }));
      await webhooks.enqueue([deliveryOf({ id: 'd1' })]);
      await webhooks.keepAttempt('d1', refused, { state: 'failed', nextAtMs: null });
      const due = deliveryOf({ id: 'd1', attempts: [refused], nextAtMs: 500 });
      assert.deepEqual(await webhooks.redeliver('a', { webhook: 'wh_1', id: 'd1' }, 500), due);
      assert.deepEqual(idsOf(await take(webhooks, 500, 10)), ['d1']);
      assert.equal(await webhooks.redeliver('a', { webhook: 'wh_1', id: 'none' }, 500), null);
      assert.equal(await webhooks.redeliver('a', { webhook: 'wh_2', id: 'd1' }, 500), null);
    },
  },
  {
    promise: 'deliveries come in pages, newest first, each once',
    async check(open) {
      const { webhooks } = await open();
      await webhooks.add(webhookOf({ id: 'wh_1' }));
      const ids = ['d1', 'd2', 'd3', 'd4', 'd5'];
      await webhooks.enqueue([
        ...ids.map((id) => deliveryOf({ id })),
        deliveryOf({ id: 'x', webhook: 'wh_2' }),
      ]);
      const first = await webhooks.deliveries('a', 'wh_1', { limit: 3 });
      await webhooks.enqueue([deliveryOf({ id: 'd6' })]);
      const second = await webhooks.deliveries('a', 'wh_1', { limit: 3, cursor: first.next ?? '' });
      assert.deepEqual(
        [first, second].map(({ items }) => items.map(({ id }) => id)),
        [
          ['d5', 'd4', 'd3'],
          ['d2', 'd1'],
        ],
      );
      assert.equal(second.next, null);
      await refusesCursors((cursor) => webhooks.deliveries('a', 'wh_1', { limit: 3, cursor }));
    },
  },
];

/** Takes for a lease of 50 ms. */
function take(webhooks: WebhookStore, nowMs: number, limit: number): Promise<readonly Delivery[]> {
  return webhooks.take(nowMs, 50, { limit, perWebhookMax: 100, without: [] });
}

async function log(webhooks: WebhookStore): Promise<readonly Delivery[]> {
  return (await webhooks.deliveries('a', 'wh_1', { limit: 100 })).items;
}

function idsOf(deliveries: readonly Delivery[]): readonly string[] {
  return deliveries.map(({ id }) => id).sort();
}

function webhookOf(more: Partial<Webhook> & Pick<Webhook, 'id'>): Webhook {
  return {
    tenant: 'a',
    url: 'https://a.example/hook?x=1',
    secret: 'whsec_c2VjcmV0',
    events: ['job.succeeded'],
    isPaused: false,
    createdAtMs: 1,
    ...more,
  };
}

function deliveryOf(more: Partial<Delivery> & Pick<Delivery, 'id'>): Delivery {
  return {
    webhook: 'wh_1',
    tenant: 'a',
    job: 'job_1',
    event: 'job.succeeded',
    payload: '{"text":"zwölf\\n"}',
    state: 'waiting',
    attempts: [],
    nextAtMs: 10,
    createdAtMs: 10,
    ...more,
  };
}
