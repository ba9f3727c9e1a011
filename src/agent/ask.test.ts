import { describe, expect, it } from 'vitest';
import {
  fail,
  type JobDelta,
  type JobEvent,
  type JournalStore,
  type Model,
  type ModelEvent,
  noUsage,
  type Run,
} from '../core/index.ts';
import { say, scriptedModel } from '../models/testing.ts';
import { createMemoryJournalStore, openJournal } from '../store/index.ts';
import { createMemoryWorkspace } from '../workspace/index.ts';
import { ask, type Question } from './ask.ts';

const used = (inputTokens: number) => ({ ...noUsage, inputTokens });

const question: Question = {
  request: {
    lane: 'worker',
    tools: [],
    system: [],
    messages: [],
    outputTokensMax: 100,
    thinkingTokensMax: 20,
  },
  agent: 'worker',
  model: 'm',
  key: 'worker/turn-1',
  contextTokens: 42,
};

/** Says what a test wrote before it ends as its script does. */
function saying(
  events: readonly ModelEvent[],
  end: Partial<Extract<ModelEvent, { type: 'end' }>['end']> = {},
): Model {
  const inner = scriptedModel([say('Done.', { usage: used(8) })], { id: 'b/model' });
  return {
    ...inner,
    id: 'a/model',
    async *stream(request, signal) {
      yield* events;
      for await (const event of inner.stream(request, signal))
        yield event.type === 'end' ? ({ type: 'end', end: { ...event.end, ...end } } as ModelEvent) : event;
    },
  };
}

async function asked(
  model: Model,
  more: Partial<Question> = {},
  store: JournalStore = createMemoryJournalStore(),
) {
  const events: JobEvent[] = [];
  const deltas: JobDelta[] = [];
  const run: Run = {
    id: 'job',
    signal: new AbortController().signal,
    workspace: createMemoryWorkspace(),
    journal: await openJournal(store),
    clock: { now: () => 0, sleep: async () => undefined },
    countTokens: (text) => text.length,
    caching: {
      prefixTokensMin: () => null,
      lifeOf: () => null,
      tokenFactor: () => 1,
      beginWith: () => ({ isFirst: true, before: null }),
    },
    model: () => model,
    costOf: (_, usage) => usage.inputTokens,
    emit: (event) => void events.push(event),
    tell: (delta) => void deltas.push(delta),
    awaitSignal: async () => fail('parked', 'Nobody waits here.'),
  };
  const result = await ask({ ...question, ...more }, run);
  return { result, events, deltas, records: await store.records() };
}

describe('a question to a model', () => {
  it('tells words while they come, and which do not count, but never what the model thinks', async () => {
    const { deltas } = await asked(
      saying([{ type: 'reasoning', text: 'Hm.' }, { type: 'text', text: 'Wrong' }, { type: 'retracted' }]),
    );
    const { agent, key } = question;
    expect(deltas.slice(0, 2)).toEqual([
      { type: 'text', agent, key, text: 'Wrong' },
      { type: 'retracted', agent, key },
    ]);
    expect(JSON.stringify(deltas)).not.toContain('Hm.');
  });

  it('tells of calls that were saved: tried again, or handed to another model', async () => {
    const { events } = await asked(
      saying([
        { type: 'retried', model: 'a/model', code: 'rate-limited', waitMs: 250 },
        { type: 'fell-back', from: 'a/model', to: 'b/model', code: 'provider-down' },
      ]),
    );
    const who = { agent: 'worker', key: 'worker/turn-1' };
    expect(events.slice(0, 2)).toEqual([
      { type: 'model-retried', ...who, model: 'a/model', code: 'rate-limited', waitMs: 250 },
      { type: 'model-fell-back', ...who, from: 'a/model', to: 'b/model', code: 'provider-down' },
    ]);
    expect(events.map(({ type }) => type)).toEqual(['model-retried', 'model-fell-back', 'model-called']);
  });

  it('accounts for every attempt: reported use and what was never reported, each at its price', async () => {
    const attempts = [{ model: 'a/model', usage: used(1), estimate: used(2) }];
    const { events, records } = await asked(saying([], { attempts }));
    expect(events).toEqual([
      expect.objectContaining({
        model: 'a/model',
        usage: used(1),
        costMicroUsd: 1,
        estimate: { usage: used(2), costMicroUsd: 2 },
      }),
      expect.objectContaining({ model: 'b/model', usage: used(8), costMicroUsd: 8 }),
    ]);
    expect(events[1]).not.toHaveProperty('estimate');
    expect(records.at(-1)).toMatchObject({
      spent: [{ agent: 'worker', model: 'a/model', usage: used(1), estimate: used(2) }, { model: 'b/model' }],
    });
  });

  it('accounts for a failure of which only a guess is known', async () => {
    const failed = {
      type: 'failed',
      failure: { code: 'timeout', message: 'Late.' },
      estimate: used(3),
    } as const;
    const { result, events } = await asked(saying([], failed));
    expect(result).toMatchObject({ failure: { code: 'timeout' } });
    expect(events).toEqual([
      expect.objectContaining({
        model: 'a/model',
        usage: noUsage,
        estimate: { usage: used(3), costMicroUsd: 3 },
      }),
    ]);
  });

  it('tells timing and context of the call that answered, and of that alone', async () => {
    const timing = { firstTokenMs: 5, generationMs: 7 };
    const inner = scriptedModel([say('Done.', { usage: used(8) })]);
    const model: Model = {
      ...inner,
      async *stream(request, signal) {
        for await (const event of inner.stream(request, signal)) {
          if (event.type !== 'end' || event.end.type !== 'reply') yield event;
          else
            yield {
              type: 'end',
              end: {
                ...event.end,
                reply: { ...event.end.reply, timing },
                attempts: [{ model: 'a/model', usage: used(1) }],
              },
            };
        }
      },
    };
    const context = () => [{ id: 'task', tokens: 8, cache: 'none' } as const];
    const { events } = await asked(model, { context });
    expect(events[0]).not.toHaveProperty('timing');
    expect(events[0]).not.toHaveProperty('context');
    expect(events[1]).toMatchObject({ timing, context: context() });
  });

  it('is recorded under the identity it was given, at the risk of all it may cost, thinking included', async () => {
    const { records } = await asked(saying([]), { inputHash: 'known' });
    expect(records[0]).toMatchObject({
      type: 'started',
      inputHash: 'known',
      atRisk: { agent: 'worker', model: 'a/model', usage: { inputTokens: 42, outputTokens: 120 } },
    });
  });

  it('is answered from the record a second time, and told as before', async () => {
    const store = createMemoryJournalStore();
    const attempts = [{ model: 'a/model', usage: used(1), estimate: used(2) }];
    const first = await asked(saying([], { attempts }), {}, store);
    const second = await asked(scriptedModel([]), {}, store);
    expect(second.result).toEqual(first.result);
    expect(second.events).toEqual(first.events.map((event) => ({ ...event, replayed: true })));
  });
});
