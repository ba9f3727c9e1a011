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

describe('a budget', () => {
  it('refuses what might not fit, and says how much there was, is spent and is needed', () => {
    const budget = createBudget(500_000);
    const first = budget.reserve(450_000);
    if (!first.ok) throw new Error('refused');
    const refused = budget.reserve(100_000);
    if (refused.ok) throw new Error('granted');
    expect(refused.failure.code).toBe('budget-exhausted');
    for (const amount of ['$0.50', '$0.45', '$0.10']) expect(refused.failure.message).toContain(amount);
    first.value.settle(1_250);
    expect(budget.settledMicroUsd()).toBe(1_250);
    expect(budget.reserve(498_750).ok).toBe(true);
  });

  it('counts a reservation once, however often it is closed', () => {
    const budget = createBudget(10);
    const held = budget.reserve(10);
    if (!held.ok) throw new Error('refused');
    held.value.settle(4);
    held.value.settle(4);
    held.value.release();
    expect(budget.settledMicroUsd()).toBe(4);
    expect([budget.reserve(7).ok, budget.reserve(6).ok]).toEqual([false, true]);
  });

  it('never grants more than its ceiling, whatever the order of calls', () => {
    const steps = fc.array(
      fc.record({ most: fc.nat(50), share: fc.double({ min: 0, max: 1, noNaN: true }), close: fc.nat(3) }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(fc.nat(200), steps, (ceiling, all) => {
        const budget = createBudget(ceiling);
        const open: { reservation: Reservation; most: number; share: number }[] = [];
        for (const { most, share, close } of all) {
          const reserved = budget.reserve(most);
          const held = open.reduce((sum, each) => sum + each.most, 0);
          expect(reserved.ok).toBe(budget.settledMicroUsd() + held + most <= ceiling);
          if (reserved.ok) open.push({ reservation: reserved.value, most, share });
          for (const each of open.splice(0, close))
            each.reservation.settle(Math.floor(each.most * each.share));
        }
      }),
    );
  });

  it('takes only whole amounts from zero', () => {
    for (const wrong of [-1, 0.5, Number.NaN]) {
      expect(() => createBudget(wrong)).toThrow(RangeError);
      expect(() => createBudget(1).reserve(wrong)).toThrow(RangeError);
    }
  });
});

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

async function endOf(model: Model) {
  const events: ModelEvent[] = [];
  for await (const event of model.stream(request, new AbortController().signal)) events.push(event);
  const last = events.at(-1);
  return last?.type === 'end' ? last.end : undefined;
}

describe('a budgeted model', () => {
  const options = { priceOf, countTokens: (text: string) => text.length };

  it('sets the worst case aside while it runs, and settles what it cost', async () => {
    const budget = createBudget(worst);
    const model = budgeted(scriptedModel([say('done', { usage })], { id }), { ...options, budget });
    const events = model.stream(request, new AbortController().signal)[Symbol.asyncIterator]();
    expect((await events.next()).value).toMatchObject({ type: 'text' });
    expect(budget.reserve(1).ok).toBe(false);
    expect((await events.next()).value).toMatchObject({ type: 'end' });
    expect(budget.settledMicroUsd()).toBe(actual);
    expect((await events.next()).done).toBe(true);
    expect(budget.reserve(worst - actual).ok).toBe(true);
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
    expect(budget.reserve(10 * worst - actual).ok).toBe(true);
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
