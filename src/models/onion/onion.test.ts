import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { addUsage, failure, type Model, type ModelRequest, noUsage, ok } from '../../core/index.ts';
import { modelChain } from '../chain.ts';
import { createBudget } from '../money/budget.ts';
import { costMicroUsd, priceOf } from '../money/cost.ts';
import {
  callTool,
  failWith,
  modelContract,
  neverAnswer,
  type Script,
  type ScriptEntry,
  say,
  scriptedModel,
} from '../testing.ts';
import { createAdmission } from './admission.ts';
import { type Gate, gated } from './gate.ts';
import { type OnionParts, onion } from './onion.ts';
import { createRequestCounter } from './request-counter.ts';
import { type LeapClock, leapClock, outcomeOf, plainRequest } from './testing.ts';
import { timed } from './timed.ts';
import { createWarmth } from './warmth.ts';

const id = 'anthropic/claude-sonnet-5';
const used = (inputTokens: number) => ({ ...noUsage, inputTokens });

function partsOf(clock: LeapClock, more: Partial<OnionParts> = {}): OnionParts {
  return {
    job: 'job',
    clock,
    random: () => 0.5,
    admission: createAdmission({ clock, random: () => 0.5 }),
    warmth: createWarmth(clock),
    budget: null,
    priceOf,
    counterOf: () => () => 100,
    ...more,
  };
}

/** A model that begins after a second, says two pieces a second apart, and ends. */
function slowly(clock: LeapClock, pieces: readonly string[], calls = false): Model {
  const inner = scriptedModel(() => (calls ? callTool('look', {}) : say(pieces.join(''))), { id });
  return {
    ...inner,
    async *stream(request: ModelRequest, signal: AbortSignal) {
      await clock.sleep(1_000, signal);
      yield { type: 'begun' };
      for (const text of pieces) {
        await clock.sleep(1_000, signal);
        if (!signal.aborted) yield { type: 'text', text };
      }
      for await (const event of inner.stream(request, signal)) if (event.type === 'end') yield event;
    },
  };
}

describe('the onion', () => {
  for (const { promise, check } of modelContract) {
    it(promise, () =>
      check(async (situation) => {
        const entries: Record<typeof situation, ScriptEntry> = {
          says: say('Hello, world.'),
          calls: callTool('look', { path: 'a.md' }),
          fails: failWith('request-rejected'),
          hangs: neverAnswer(),
        };
        const inner = scriptedModel(() => entries[situation], { id });
        const budget = createBudget(1_000_000);
        return { model: onion(inner, partsOf(leapClock(), { budget })), close: async () => undefined };
      }),
    );
  }

  it('charges every attempt, also the failed ones, and what a provider did not report', async () => {
    const clock = leapClock();
    const script: Script = [
      failWith('provider-down', {
        after: 'Hel',
        usage: used(1_000),
        estimate: { ...noUsage, outputTokens: 10 },
      }),
      failWith('rate-limited'),
      say('Hello.', { usage: used(1_000) }),
    ];
    const budget = createBudget(1_000_000);
    const { end } = await clock.finish(
      outcomeOf(onion(scriptedModel(script, { id }), partsOf(clock, { budget }))),
    );
    expect(end).toMatchObject({ type: 'reply', attempts: [{ usage: used(1_000) }] });
    const price = priceOf(id);
    if (price === null) throw new Error('no price');
    const whole = addUsage(used(2_000), { ...noUsage, outputTokens: 10 });
    expect(budget.settledMicroUsd()).toBe(costMicroUsd(price, whole));
  });

  it('holds no permit while it waits to try again', async () => {
    const clock = leapClock();
    const parts = partsOf(clock, {
      admission: createAdmission({ clock, random: () => 0.5, limitsOf: () => ({ inFlightMax: 1 }) }),
    });
    const failing = onion(scriptedModel([failWith('provider-down'), say('Late.')], { id }), parts);
    const other = onion(scriptedModel([say('Soon.')], { id }), parts);
    const first = outcomeOf(failing);
    await clock.settle();
    const startMs = clock.now();
    await outcomeOf(other);
    expect(clock.now()).toBe(startMs);
    await clock.finish(first);
  });

  it('frees permit and prefix when the budget says no', async () => {
    const clock = leapClock();
    const parts = partsOf(clock, {
      admission: createAdmission({ clock, random: () => 0.5, limitsOf: () => ({ inFlightMax: 1 }) }),
    });
    const request: ModelRequest = {
      ...plainRequest,
      system: [{ id: 'memory', stability: 'release', text: 'm', cacheMark: 'short' }],
    };
    const long = { ...parts, counterOf: () => () => 5_000 };
    const poor = onion(scriptedModel([], { id }), { ...long, budget: createBudget(1) });
    expect((await outcomeOf(poor, { request })).end).toMatchObject({
      failure: { code: 'budget-exhausted' },
    });
    const startMs = clock.now();
    await outcomeOf(onion(scriptedModel([say('Hi.')], { id }), long), { request });
    expect(clock.now()).toBe(startMs);
  });

  it('leaves nobody listening to the signal of its caller', async () => {
    const clock = leapClock();
    const { signal } = new AbortController();
    const script: Script = [failWith('provider-down'), say('Hi.')];
    await clock.finish(outcomeOf(onion(scriptedModel(script, { id }), partsOf(clock)), { signal }));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(clock.sleeping()).toBe(0);
  });

  it('asks before every attempt whether it still may be made, after all that it had to wait for', async () => {
    const clock = leapClock();
    const calls = new AbortController();
    const inner = scriptedModel(() => failWith('provider-down'), { id });
    const askedAtMs: number[] = [];
    const beforeSend = async (): Promise<void> => {
      askedAtMs.push(clock.now());
      if (askedAtMs.length === 2) calls.abort();
    };
    const startedMs = clock.now();
    const model = onion(inner, partsOf(clock, { beforeSend }));
    const end = await clock.finish(outcomeOf(model, { signal: calls.signal }));
    expect(askedAtMs.map((atMs) => atMs - startedMs)).toEqual([0, 250]);
    expect(end).toMatchObject({ end: { failure: { code: 'cancelled' } } });
  });

  it('makes as many attempts as it is told, and no more', async () => {
    const clock = leapClock();
    const inner = scriptedModel(() => failWith('provider-down'), { id });
    await clock.finish(outcomeOf(onion(inner, partsOf(clock, { attemptsMax: 2 }))));
    expect(inner.requests).toHaveLength(2);
  });

  it('keeps id, context size and token count of the model inside', async () => {
    const inner = {
      ...scriptedModel([], { id, contextTokensMax: 77 }),
      countTokens: async () => ({ ok: true, value: 5 }) as const,
    };
    const model = onion(inner, partsOf(leapClock()));
    expect([model.id, model.contextTokensMax]).toEqual([id, 77]);
    expect(await model.countTokens?.(plainRequest, new AbortController().signal)).toEqual({
      ok: true,
      value: 5,
    });
  });

  it('says so when a model inside breaks its contract', async () => {
    const broken: Model = { id, contextTokensMax: 1, async *stream() {} };
    await expect(outcomeOf(onion(broken, partsOf(leapClock())))).rejects.toThrow('without an end');
  });
});

describe('an onion in a chain', () => {
  const refusal = failure('rate-limited', 'Slow down.', { retryAfterMs: 120_000 });

  it('is left at once for the next model while its account cools down, by all jobs', async () => {
    const clock = leapClock();
    const parts = { ...partsOf(clock), hasFallback: true };
    const busy = scriptedModel([failWith(refusal)], { id });
    const spare = scriptedModel(() => say('Spare.'), { id: 'openai/gpt-6-sol' });
    const startMs = clock.now();
    for (const job of ['one', 'two']) {
      const chain = modelChain([onion(busy, { ...parts, job }), onion(spare, { ...parts, job })]);
      const { events, end } = await clock.finish(outcomeOf(chain));
      expect(end).toMatchObject({ reply: { model: spare.id } });
      expect(events[0]).toMatchObject({ type: 'fell-back', from: id, code: 'rate-limited' });
    }
    expect(clock.now()).toBe(startMs);
    expect(busy.requests).toHaveLength(1);
  });

  it('waits for its account where nobody else can answer', async () => {
    const clock = leapClock();
    const startMs = clock.now();
    const model = onion(scriptedModel([failWith(refusal), say('Hi.')], { id }), partsOf(clock));
    expect((await clock.finish(outcomeOf(model))).end).toMatchObject({ type: 'reply' });
    expect(clock.now() - startMs).toBeGreaterThanOrEqual(120_000);
  });
});

describe('gates', () => {
  it('see the end also where one behind them said no, and are left once', async () => {
    const seen: string[] = [];
    const open: Gate = {
      enter: () =>
        ok({
          see(event) {
            seen.push(event.type);
            return event;
          },
          leave: () => void seen.push('left'),
        }),
    };
    const shut: Gate = { enter: async () => ({ ok: false, failure: failure('timeout', 'Shut.') }) };
    const { end } = await outcomeOf(gated(scriptedModel([]), [open, shut, open]));
    expect(end).toMatchObject({ failure: { message: 'Shut.' } });
    expect(seen).toEqual(['end', 'left']);
  });
});

describe('a timed model', () => {
  const options = (clock: LeapClock) => ({ clock, totalMsMax: 10_000 });

  it('says when the first piece came and how long the rest took', async () => {
    const clock = leapClock();
    const { end } = await clock.finish(outcomeOf(timed(slowly(clock, ['a', 'b', 'c']), options(clock))));
    expect(end).toMatchObject({ reply: { timing: { firstTokenMs: 2_000, generationMs: 2_000 } } });
  });

  it('takes the beginning for the first piece of an answer that shows no text', async () => {
    const clock = leapClock();
    const { end } = await clock.finish(outcomeOf(timed(slowly(clock, [], true), options(clock))));
    expect(end).toMatchObject({ reply: { timing: { firstTokenMs: 1_000, generationMs: 0 } } });
  });

  it('ends an attempt that takes too long as a timeout, and leaves nothing running', async () => {
    const clock = leapClock();
    const startMs = clock.now();
    const endless = slowly(
      clock,
      Array.from({ length: 60 }, () => 'x'),
    );
    const { end } = await clock.finish(outcomeOf(timed(endless, options(clock))));
    expect(end).toMatchObject({ failure: { code: 'timeout' } });
    expect(clock.now() - startMs).toBe(10_000);
    expect(clock.sleeping()).toBe(0);
  });

  it('calls a call cancelled that its caller had given up, however late it ends', async () => {
    const clock = leapClock();
    const caller = new AbortController();
    const deaf: Model = {
      ...scriptedModel([]),
      async *stream() {
        await clock.sleep(60_000, new AbortController().signal);
        yield { type: 'end', end: { type: 'failed', failure: failure('cancelled', 'Stopped.') } };
      },
    };
    const asked = outcomeOf(timed(deaf, options(clock)), { signal: caller.signal });
    await clock.settle();
    caller.abort();
    expect((await clock.finish(asked)).end).toMatchObject({ failure: { code: 'cancelled' } });
  });

  it('tells a cancellation from a timeout, and passes other failures on as they are', async () => {
    const clock = leapClock();
    const caller = new AbortController();
    const asked = outcomeOf(timed(scriptedModel([neverAnswer()]), options(clock)), { signal: caller.signal });
    await clock.advance(5_000);
    caller.abort();
    expect((await asked).end).toMatchObject({ failure: { code: 'cancelled' } });
    const down = failure('provider-down', 'Down.');
    expect((await outcomeOf(timed(scriptedModel([failWith(down)]), options(clock)))).end).toEqual({
      type: 'failed',
      failure: down,
    });
    expect(clock.sleeping()).toBe(0);
  });
});

describe('the estimate of a request', () => {
  it('counts what requests of a lane share only once, and comes to the same', () => {
    const seen: string[] = [];
    const count = createRequestCounter((text) => {
      seen.push(text);
      return text.length;
    })('openai/gpt-6-sol');
    const first: ModelRequest = {
      ...plainRequest,
      tools: [{ name: 'look', purpose: 'Looks.', inputSchema: {}, effect: 'read' }],
      system: [{ id: 'p', stability: 'release', text: 'prompt' }],
      messages: [{ role: 'user', blocks: [{ type: 'text', text: 'task' }] }],
      output: { name: 'answer', schema: { type: 'object' } },
    };
    const before = count(first);
    const marked = first.messages.map((message) => ({ ...message, cacheMark: 'short' as const }));
    const messages: ModelRequest['messages'] = [
      ...marked,
      { role: 'assistant', blocks: [{ type: 'text', text: 'reply' }] },
    ];
    seen.length = 0;
    const after = count({ ...first, messages });
    expect(seen).toEqual(['reply']);
    expect(after - before).toBe('reply'.length + 7);
    const fresh = createRequestCounter((text) => text.length)('openai/gpt-6-sol');
    expect(fresh(structuredClone({ ...first, messages }))).toBe(after);
  });

  it('is in the tokens of the model', () => {
    const counterOf = createRequestCounter((text) => text.length);
    const request: ModelRequest = {
      ...plainRequest,
      system: [{ id: 'p', stability: 'release', text: 'x'.repeat(993) }],
    };
    expect([counterOf('openai/gpt-6-sol')(request), counterOf(id)(request)]).toEqual([1_000, 1_300]);
  });
});
