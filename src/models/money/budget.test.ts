import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Model,
  type ModelEvent,
  type ModelRequest,
  noUsage,
  type Reservation,
} from '../../core/index.ts';
import { budgeted, createBudget, priceOf } from '../index.ts';
import { failWith, say, scriptedModel } from '../testing.ts';

const never = new AbortController().signal;

describe('a budget', () => {
  it('refuses what cannot fit, and says how much there was, is spent and is needed', async () => {
    const budget = createBudget(500_000);
    const first = await budget.reserve(450_000, never);
    if (!first.ok) throw new Error('refused');
    first.value.settle(450_000);
    const refused = await budget.reserve(100_000, never);
    if (refused.ok) throw new Error('granted');
    expect(refused.failure.code).toBe('budget-exhausted');
    for (const amount of ['$0.50', '$0.45', '$0.10']) expect(refused.failure.message).toContain(amount);
  });

  it('waits for calls in flight, which may cost less than they could, in the order asked', async () => {
    const budget = createBudget(100);
    const first = await budget.reserve(80, never);
    if (!first.ok) throw new Error('refused');
    const granted: number[] = [];
    const waiting = [90, 10].map(async (most) => {
      const reserved = await budget.reserve(most, never);
      granted.push(most);
      if (reserved.ok) reserved.value.settle(0);
    });
    await flushed();
    expect(granted).toEqual([]);
    first.value.settle(5);
    await Promise.all(waiting);
    expect(granted).toEqual([90, 10]);
  });

  it('refuses a call that waited in vain, and lets go one that is cancelled', async () => {
    const budget = createBudget(100);
    const first = await budget.reserve(80, never);
    if (!first.ok) throw new Error('refused');
    const leaving = new AbortController();
    const cancelled = budget.reserve(50, leaving.signal);
    const dear = budget.reserve(60, never);
    leaving.abort();
    expect(await cancelled).toMatchObject({ failure: { code: 'cancelled' } });
    first.value.settle(80);
    expect(await dear).toMatchObject({ failure: { code: 'budget-exhausted' } });
    expect((await budget.reserve(20, never)).ok).toBe(true);
  });

  it('counts a reservation once, however often it is closed', async () => {
    const budget = createBudget(10);
    const held = await budget.reserve(10, never);
    if (!held.ok) throw new Error('refused');
    held.value.settle(4);
    held.value.settle(4);
    held.value.release();
    expect(budget.settledMicroUsd()).toBe(4);
    expect([(await budget.reserve(7, never)).ok, (await budget.reserve(6, never)).ok]).toEqual([false, true]);
  });

  it('never grants more than its ceiling, whatever the order of calls, and leaves nobody waiting', async () => {
    const steps = fc.array(
      fc.record({ most: fc.nat(50), share: fc.double({ min: 0, max: 1, noNaN: true }), close: fc.nat(3) }),
      { maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(200), steps, async (ceiling, all) => {
        const budget = createBudget(ceiling);
        const open: { reservation: Reservation; most: number; share: number }[] = [];
        const asked: Promise<void>[] = [];
        const closeSome = async (number: number): Promise<void> => {
          for (const each of open.splice(0, number))
            each.reservation.settle(Math.floor(each.most * each.share));
          await flushed();
          const held = open.reduce((sum, each) => sum + each.most, 0);
          expect(budget.settledMicroUsd() + held).toBeLessThanOrEqual(ceiling);
        };
        for (const { most, share, close } of all) {
          const take = async (): Promise<void> => {
            const reserved = await budget.reserve(most, never);
            if (reserved.ok) open.push({ reservation: reserved.value, most, share });
          };
          asked.push(take());
          await closeSome(close);
        }
        while (open.length > 0) await closeSome(open.length);
        await Promise.all(asked);
      }),
    );
  });

  it('takes only whole amounts from zero', async () => {
    for (const wrong of [-1, 0.5, Number.NaN]) {
      expect(() => createBudget(wrong)).toThrow(RangeError);
      await expect(createBudget(1).reserve(wrong, never)).rejects.toThrow(RangeError);
    }
  });
});

/** Lets every promise that can settle do so. */
function flushed(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const request: ModelRequest = {
  lane: 'a',
  tools: [],
  system: [{ id: 'prompt', stability: 'release', text: 'x'.repeat(1_000) }],
  messages: [],
  outputTokensMax: 1_000,
};
const id = 'anthropic/claude-sonnet-5';
// (1,000 tokens and 7 of framing) × 1.3 at the price of a cache write ($2.50), and 1,000 of output at $10.
const worst = Math.round(Math.ceil(1_007 * 1.3) * 2.5) + 10_000;
const usage = { ...noUsage, inputTokens: 1_000, outputTokens: 100 };
const actual = 1_000 * 2 + 100 * 10;

async function endOf(model: Model, asked = request) {
  const events: ModelEvent[] = [];
  for await (const event of model.stream(asked, new AbortController().signal)) events.push(event);
  const last = events.at(-1);
  return last?.type === 'end' ? last.end : undefined;
}

describe('a budgeted model', () => {
  const options = { priceOf, countTokens: (text: string) => text.length };

  it('sets the worst case aside while it runs, and settles what it cost', async () => {
    const budget = createBudget(worst);
    const model = budgeted(scriptedModel([say('done', { usage })], { id }), { ...options, budget });
    const events = model.stream(request, new AbortController().signal)[Symbol.asyncIterator]();
    expect((await events.next()).value).toMatchObject({ type: 'begun' });
    expect((await events.next()).value).toMatchObject({ type: 'text' });
    const more = budget.reserve(worst, never);
    expect((await events.next()).value).toMatchObject({ type: 'end' });
    expect(budget.settledMicroUsd()).toBe(actual);
    expect((await events.next()).done).toBe(true);
    expect(await more).toMatchObject({ failure: { code: 'budget-exhausted' } });
    expect((await budget.reserve(worst - actual, never)).ok).toBe(true);
  });

  it('does not call a model that might break the budget', async () => {
    const inner = scriptedModel([], { id });
    const end = await endOf(budgeted(inner, { ...options, budget: createBudget(worst - 1) }));
    expect(end).toMatchObject({ type: 'failed', failure: { code: 'budget-exhausted' } });
    expect(inner.requests).toHaveLength(0);
  });

  it('charges a failed call that was billed, and nothing for one that was not', async () => {
    const budget = createBudget(10 * worst);
    const inner = scriptedModel([failWith('provider-down', usage), failWith('rate-limited')], { id });
    const model = budgeted(inner, { ...options, budget });
    await endOf(model);
    await endOf(model);
    expect(budget.settledMicroUsd()).toBe(actual);
    expect((await budget.reserve(10 * worst - actual, never)).ok).toBe(true);
  });

  it('charges what a call may have used without its provider ever saying so', async () => {
    const budget = createBudget(10 * worst);
    const estimate = { ...noUsage, outputTokens: 50 };
    const script = [failWith('timeout', { after: 'Hi', usage, estimate }), failWith('timeout', { estimate })];
    const model = budgeted(scriptedModel(script, { id }), { ...options, budget });
    await endOf(model);
    await endOf(model);
    expect(budget.settledMicroUsd()).toBe(actual + 2 * 50 * 10);
  });

  it('sets aside what a long life costs to write where one is marked', async () => {
    const marked = (system: ModelRequest['system']) => ({
      ...request,
      system: system.map((block) => ({ ...block, cacheMark: 'long' as const })),
    });
    // The same tokens at the price of an hour's write ($4).
    const needed = Math.ceil(1_007 * 1.3) * 4 + 10_000;
    for (const [most, code] of [
      [needed - 1, 'budget-exhausted'],
      [needed, undefined],
    ] as const) {
      const model = budgeted(
        scriptedModel(() => say('Hi.'), { id }),
        { ...options, budget: createBudget(most) },
      );
      const end = await endOf(model, marked(request.system));
      expect(end?.type === 'failed' ? end.failure.code : undefined).toBe(code);
    }
  });

  it('sets aside a thinking budget on top of the answer, where the model takes one', async () => {
    const haiku = 'anthropic/claude-haiku-4-5';
    // 1,007 tokens × 1.2 at the price of a cache write ($1.25), and 3,000 of output at $5.
    const needed = Math.round(Math.ceil(1_007 * 1.2) * 1.25) + 15_000;
    for (const [most, type] of [
      [needed - 1, 'failed'],
      [needed, 'reply'],
    ] as const) {
      const inner = scriptedModel(() => say('Hi.'), { id: haiku });
      const model = budgeted(inner, { ...options, budget: createBudget(most) });
      expect((await endOf(model, { ...request, thinkingTokensMax: 2_000 }))?.type).toBe(type);
    }
  });

  it('charges the most a call can cost when its reader left before the end', async () => {
    const budget = createBudget(worst);
    const model = budgeted(scriptedModel([say('done')], { id }), { ...options, budget });
    for await (const event of model.stream(request, new AbortController().signal))
      if (event.type === 'text') break;
    expect(budget.settledMicroUsd()).toBe(worst);
  });

  it('refuses a model whose price nobody knows, and takes a free one', async () => {
    const unknown = budgeted(scriptedModel([], { id: 'acme/x' }), { ...options, budget: createBudget(1) });
    expect(await endOf(unknown)).toMatchObject({
      failure: { code: 'wrong-config', message: expect.stringContaining('acme/x') },
    });
    const free = budgeted(scriptedModel([say('done')]), { ...options, budget: createBudget(0) });
    expect(await endOf(free)).toMatchObject({ type: 'reply' });
  });
});
