import { describe, expect, it } from 'vitest';
import {
  type FailureCode,
  failure,
  type Model,
  type ModelEvent,
  type ModelRequest,
  noUsage,
  type Usage,
} from '../core/index.ts';
import { createOutages, modelChain } from './index.ts';
import { failWith, neverAnswer, say, scriptedModel } from './testing.ts';

const request: ModelRequest = { lane: 'a', tools: [], system: [], messages: [], outputTokensMax: 10 };
const used = (inputTokens: number): Usage => ({ ...noUsage, inputTokens });
const answering = (id: string) => scriptedModel([say(`by ${id}`, { usage: used(1) })], { id });
const failing = (code: FailureCode, usage?: Usage) =>
  scriptedModel([failWith(failure(code, `${code}!`), usage)], { id: `x/${code}` });

async function endOf(model: Model, signal = new AbortController().signal) {
  const events: ModelEvent[] = [];
  for await (const event of model.stream(request, signal)) events.push(event);
  const ends = events.flatMap((event) => (event.type === 'end' ? [event.end] : []));
  expect(ends).toHaveLength(1);
  expect(events.at(-1)?.type).toBe('end');
  return ends[0];
}

describe('a chain of models', () => {
  it('is named after its first, and says who answered', async () => {
    const chain = modelChain([failing('provider-down'), answering('b/model')]);
    expect(chain.id).toBe('x/provider-down');
    expect(await endOf(chain)).toMatchObject({
      reply: { model: 'b/model', blocks: [{ text: 'by b/model' }] },
    });
  });

  it('asks nobody else once a model has answered', async () => {
    const second = answering('b/model');
    await endOf(modelChain([answering('a/model'), second]));
    expect(second.requests).toHaveLength(0);
  });

  it.each<FailureCode>(['rate-limited', 'provider-down', 'timeout', 'no-access', 'unknown-model'])(
    'passes on %s',
    async (code) => {
      expect(await endOf(modelChain([failing(code), answering('b/model')]))).toMatchObject({ type: 'reply' });
    },
  );

  it.each<FailureCode>(['request-rejected', 'context-full', 'budget-exhausted', 'wrong-config', 'cancelled'])(
    'keeps %s',
    async (code) => {
      const second = answering('b/model');
      expect(await endOf(modelChain([failing(code), second]))).toMatchObject({ failure: { code } });
      expect(second.requests).toHaveLength(0);
    },
  );

  it('loses nothing that was billed: failed attempts are told beside the answer, each with its model', async () => {
    const models = [
      failing('provider-down', used(100)),
      failing('timeout'),
      failing('rate-limited', used(10)),
      answering('b/model'),
    ];
    const end = await endOf(modelChain(models));
    expect(end).toMatchObject({ reply: { usage: used(1) } });
    expect(end?.attempts?.map(({ usage }) => usage)).toEqual([used(100), used(10)]);
    const failed = await endOf(modelChain([failing('timeout', used(5)), failing('provider-down', used(2))]));
    expect(failed?.attempts?.map(({ usage }) => usage)).toEqual([used(5), used(2)]);
  });

  it('tells who it falls back to and why, and takes back what the model that failed had shown', async () => {
    const cut = scriptedModel([failWith('provider-down', { after: 'Hel', estimate: used(3) })], {
      id: 'a/cut',
    });
    const events: ModelEvent[] = [];
    const chain = modelChain([cut, failing('rate-limited'), answering('c/model')]);
    for await (const event of chain.stream(request, new AbortController().signal)) events.push(event);
    expect(events.slice(0, -1)).toEqual([
      { type: 'begun' },
      { type: 'text', text: 'Hel' },
      { type: 'retracted' },
      { type: 'fell-back', from: 'a/cut', to: 'x/rate-limited', code: 'provider-down' },
      { type: 'fell-back', from: 'x/rate-limited', to: 'c/model', code: 'rate-limited' },
      { type: 'begun' },
      { type: 'text', text: 'by c/model' },
    ]);
    expect(events.at(-1)).toMatchObject({
      end: { attempts: [{ model: 'a/cut', usage: noUsage, estimate: used(3) }] },
    });
  });

  it('takes back nothing that was taken back before', async () => {
    const first: Model = {
      ...failing('timeout'),
      async *stream() {
        yield { type: 'text', text: 'Hel' };
        yield { type: 'retracted' };
        yield { type: 'end', end: { type: 'failed', failure: failure('timeout', 'Late.') } };
      },
    };
    const types: string[] = [];
    const chain = modelChain([first, answering('b/model')]);
    for await (const event of chain.stream(request, new AbortController().signal)) types.push(event.type);
    expect(types).toEqual(['text', 'retracted', 'fell-back', 'begun', 'text', 'end']);
  });

  it('counts tokens as its first model does', async () => {
    const first = { ...answering('a/model'), countTokens: async () => ({ ok: true, value: 9 }) as const };
    const chain = modelChain([first, answering('b/model')]);
    const counted = await chain.countTokens?.(request, new AbortController().signal);
    expect(counted).toEqual({ ok: true, value: 9 });
    expect(modelChain([answering('a/model'), first]).countTokens).toBeUndefined();
  });

  it('fails for the world when the world failed anywhere, and tells every reason', async () => {
    const limited = scriptedModel([failWith(failure('rate-limited', 'Slow down.', { retryAfterMs: 7 }))]);
    const end = await endOf(modelChain([limited, failing('request-rejected')]));
    expect(end).toMatchObject({
      failure: { code: 'rate-limited', retryAfterMs: 7, message: 'Slow down. Then: request-rejected!' },
    });
    expect(await endOf(modelChain([failing('no-access'), failing('unknown-model')]))).toMatchObject({
      failure: { code: 'unknown-model' },
    });
  });

  it('ends as cancelled when it is cancelled on the way', async () => {
    const caller = new AbortController();
    const running = endOf(
      modelChain([failing('timeout'), scriptedModel([neverAnswer()]), answering('c/model')]),
      caller.signal,
    );
    setImmediate(() => caller.abort());
    expect(await running).toMatchObject({ failure: { code: 'cancelled' } });
  });

  it('says that its budget is spent, whatever failed before', async () => {
    expect(await endOf(modelChain([failing('rate-limited'), failing('budget-exhausted')]))).toMatchObject({
      failure: { code: 'budget-exhausted', message: 'budget-exhausted!' },
    });
  });

  it('needs at least one model', () => {
    expect(() => modelChain([])).toThrow('at least one');
  });

  it('passes over a model that was just down, asks it again later, and asks it when all are down', async () => {
    let nowMs = 0;
    const outages = createOutages({ now: () => nowMs });
    const first = scriptedModel((_, call) => (call === 1 ? failWith('provider-down') : say('first')), {
      id: 'a/model',
    });
    const second = scriptedModel((_, call) => (call === 3 ? failWith('timeout') : say('second')), {
      id: 'b/model',
    });
    const chain = modelChain([first, second], outages);
    const answers = async (): Promise<unknown> => {
      const end = await endOf(chain);
      return end?.type === 'reply' ? end.reply.model : end?.failure.code;
    };
    expect(await answers()).toBe('b/model');
    expect(await answers()).toBe('b/model');
    expect([first.requests.length, second.requests.length]).toEqual([1, 2]);
    // Now the second is down as well, and nobody is passed over.
    expect(await answers()).toBe('provider-down');
    expect(await answers()).toBe('a/model');
    nowMs += 31_000;
    expect(await answers()).toBe('a/model');
    expect(first.requests).toHaveLength(3);
  });
});
