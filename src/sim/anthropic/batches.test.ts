import { Anthropic } from '@anthropic-ai/sdk';
import { afterEach, expect, it } from 'vitest';
import { batchMs, openBench, says, type TestBench } from './testing.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function open(profile: object = {}): Promise<TestBench> {
  const bench = await openBench({ ...says('Hello.'), ...profile });
  closers.push(bench.simulator.close);
  return bench;
}

const params = {
  model: 'claude-sonnet-5',
  max_tokens: 100,
  messages: [{ role: 'user' as const, content: 'Say hello.' }],
};
const requestsOf = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ custom_id: `item-${at}`, params }));

async function resultsOf(client: Anthropic, id: string) {
  const lines = [];
  for await (const line of await client.messages.batches.results(id)) lines.push(line);
  return lines;
}

it('is in progress and tells no counts until its time has come', async () => {
  const { client, simulator } = await open();
  const created = await client.messages.batches.create({ requests: requestsOf(2) });
  expect(created).toMatchObject({
    type: 'message_batch',
    processing_status: 'in_progress',
    request_counts: { processing: 2, succeeded: 0, errored: 0, canceled: 0, expired: 0 },
    created_at: '2026-11-21T00:00:00Z',
    expires_at: '2026-11-22T00:00:00Z',
    ended_at: null,
    results_url: null,
  });
  simulator.advance(batchMs - 1);
  expect((await client.messages.batches.retrieve(created.id)).processing_status).toBe('in_progress');
  await expect(resultsOf(client, created.id)).rejects.toThrow(/finished processing/);
  simulator.advance(1);
  expect(await client.messages.batches.retrieve(created.id)).toMatchObject({
    processing_status: 'ended',
    request_counts: { processing: 0, succeeded: 2 },
    ended_at: '2026-11-21T00:01:00Z',
  });
});

it('gives each result its id, in another order than it was asked, at half price', async () => {
  const { client, simulator } = await open();
  await client.messages.create(params);
  const alone = simulator.accounts().total.costMicroUsd;
  const { id } = await client.messages.batches.create({ requests: requestsOf(4) });
  simulator.advance(batchMs);
  const lines = await resultsOf(client, id);
  expect(lines.map(({ custom_id }) => custom_id)).toEqual(['item-3', 'item-2', 'item-1', 'item-0']);
  expect(lines[0]?.result).toMatchObject({
    type: 'succeeded',
    message: { content: [{ text: 'Hello.' }], usage: { service_tier: 'batch', output_tokens: 2 } },
  });
  expect(simulator.accounts()).toMatchObject({ open: 0, total: { costMicroUsd: alone + 4 * (alone / 2) } });
});

it('is worked off once, however many look at it', async () => {
  const { client, simulator } = await open();
  const { id } = await client.messages.batches.create({ requests: requestsOf(3) });
  simulator.advance(batchMs);
  await Promise.all([1, 2, 3].map(() => client.messages.batches.retrieve(id)));
  expect(simulator.accounts().total.requests.answered).toBe(3);
});

it('tells what is wrong with a request in its result, and answers the others', async () => {
  const { client, simulator } = await open({ faults: [{ fault: 'overloaded', at: [2] }] });
  const wrong = { custom_id: 'wrong', params: { ...params, max_tokens: 0 } };
  const { id } = await client.messages.batches.create({ requests: [wrong, ...requestsOf(2)] });
  simulator.advance(batchMs);
  const results = new Map((await resultsOf(client, id)).map(({ custom_id, result }) => [custom_id, result]));
  expect(results.get('wrong')).toMatchObject({
    type: 'errored',
    error: { type: 'error', error: { type: 'invalid_request_error' } },
  });
  expect(results.get('item-0')).toMatchObject({ type: 'succeeded' });
  expect(results.get('item-1')).toMatchObject({ error: { error: { type: 'overloaded_error' } } });
});

it('works off no more than had begun when it is cancelled', async () => {
  const { client, simulator } = await open();
  const { id } = await client.messages.batches.create({ requests: requestsOf(4) });
  simulator.advance(batchMs / 2);
  expect(await client.messages.batches.cancel(id)).toMatchObject({
    processing_status: 'canceling',
    request_counts: { processing: 4 },
    cancel_initiated_at: '2026-11-21T00:00:30Z',
  });
  expect(await client.messages.batches.retrieve(id)).toMatchObject({
    processing_status: 'ended',
    request_counts: { succeeded: 2, canceled: 2 },
  });
  expect(simulator.accounts().total.requests.answered).toBe(2);
});

it('is listed newest first, and only to the key that made it', async () => {
  const { client, clientWith } = await open();
  const ids = [];
  for (const _ of [1, 2, 3]) ids.push((await client.messages.batches.create({ requests: requestsOf(1) })).id);
  const listed = [];
  for await (const { id } of client.messages.batches.list({ limit: 2 })) listed.push(id);
  expect(listed).toEqual(ids.toReversed());
  const stranger = clientWith('sk-other');
  expect((await stranger.messages.batches.list()).data).toEqual([]);
  await expect(stranger.messages.batches.retrieve(ids[0] ?? '')).rejects.toBeInstanceOf(
    Anthropic.NotFoundError,
  );
});

it('can be deleted once it has ended', async () => {
  const { client, simulator } = await open();
  const { id } = await client.messages.batches.create({ requests: requestsOf(1) });
  await expect(client.messages.batches.delete(id)).rejects.toThrow(/cancel it first/);
  simulator.advance(batchMs);
  expect(await client.messages.batches.delete(id)).toEqual({ id, type: 'message_batch_deleted' });
  await expect(client.messages.batches.retrieve(id)).rejects.toBeInstanceOf(Anthropic.NotFoundError);
});

it('refuses ids that are no ids, or not unique', async () => {
  const { client } = await open();
  const twice = [...requestsOf(1), ...requestsOf(1)];
  await expect(client.messages.batches.create({ requests: twice })).rejects.toThrow(/item-0.+ is not unique/);
  const odd = [{ custom_id: 'no id', params }];
  await expect(client.messages.batches.create({ requests: odd })).rejects.toThrow(
    "requests.0.custom_id: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'",
  );
});
