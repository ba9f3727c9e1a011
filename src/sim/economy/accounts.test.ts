import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noUsage, type Usage } from '../../core/index.ts';
import { asked, simModel, tinyPrice } from '../testing.ts';
import { createAccounts } from './accounts.ts';
import { costMicroUsd, type SimPrice } from './money.ts';

const standard = { batch: false, tier: 'standard' } as const;
const usage: Usage = {
  inputTokens: 1_000,
  cacheReadTokens: 10_000,
  cacheWrite5mTokens: 2_000,
  cacheWrite1hTokens: 400,
  outputTokens: 90,
  reasoningTokens: 10,
};
/** 1,000 × 2 + 10,000 × 0.2 + 2,000 × 2.5 + 400 × 4 + 100 × 10. */
const cost = 2_000 + 2_000 + 5_000 + 1_600 + 1_000;

describe('the cost of a request', () => {
  it.each([
    ['the list price', standard, cost],
    ['half of it in a batch', { batch: true, tier: 'standard' }, cost / 2],
    ['half of it with flex', { batch: false, tier: 'flex' }, cost / 2],
    ['twice of it with priority', { batch: false, tier: 'priority' }, cost * 2],
    ['twice of it when fast', { batch: false, tier: 'fast' }, cost * 2],
  ] as const)('is %s', (_, terms, expected) => {
    expect(costMicroUsd(tinyPrice, usage, terms)).toBe(expected);
  });

  it('is rounded half up, once', () => {
    const tenth: SimPrice = { ...tinyPrice, inputMicroUsd: 100_000, outputMicroUsd: 100_000 };
    const of = (inputTokens: number, outputTokens: number, batch = false) =>
      costMicroUsd(tenth, { ...noUsage, inputTokens, outputTokens }, { batch, tier: 'standard' });
    expect([of(4, 0), of(5, 0), of(2, 3), of(9, 0, true), of(10, 0, true)]).toEqual([0, 1, 1, 0, 1]);
  });

  it('rises for the whole request once its input is long', () => {
    const price: SimPrice = {
      ...tinyPrice,
      longContext: { ...tinyPrice, inputMicroUsd: 4_000_000, aboveInputTokens: 100 },
    };
    const of = (inputTokens: number) => costMicroUsd(price, { ...noUsage, inputTokens }, standard);
    expect([of(100), of(101)]).toEqual([200, 404]);
  });

  it('is exact for amounts that floats are not', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10 ** 9 }),
        fc.integer({ min: 0, max: 10 ** 8 }),
        (tokens, rate) => {
          const price = { ...tinyPrice, outputMicroUsd: rate };
          const exact = (BigInt(tokens) * BigInt(rate) * 2n + 1_000_000n) / 2_000_000n;
          return costMicroUsd(price, { ...noUsage, outputTokens: tokens }, standard) === Number(exact);
        },
      ),
    );
  });
});

describe('accounts', () => {
  const open = () => createAccounts((id) => (id === 'anthropic/claude-sonnet-5' ? tinyPrice : null));

  it('book what was told, in total, by model and by key', () => {
    const accounts = open();
    accounts.open(asked([]))(usage);
    accounts.open(asked([], { key: 'key-b' }))(usage);
    accounts.open(asked([], { key: 'key-b', model: simModel('anthropic/claude-opus-5') }))(usage);
    const { total, models, keys } = accounts.read();
    expect(total).toMatchObject({ requests: { answered: 3 }, costMicroUsd: 2 * cost, unpriced: 1 });
    expect(total.usage).toMatchObject({ inputTokens: 3_000, cacheReadTokens: 30_000, reasoningTokens: 30 });
    expect(models['anthropic/claude-sonnet-5']).toMatchObject({ costMicroUsd: 2 * cost, unpriced: 0 });
    expect(models['anthropic/claude-opus-5']).toMatchObject({ costMicroUsd: 0, unpriced: 1 });
    expect(keys['key-a']).toMatchObject({ requests: { answered: 1 }, costMicroUsd: cost });
    expect(keys['key-b']).toMatchObject({ requests: { answered: 2 }, costMicroUsd: cost });
  });

  it('bill nothing where nothing was told, and count it', () => {
    const accounts = open();
    const settle = accounts.open(asked([]));
    expect(accounts.read()).toMatchObject({ open: 1, total: { requests: { answered: 0 } } });
    settle(null);
    expect(accounts.read()).toMatchObject({
      open: 0,
      total: { requests: { answered: 0, untold: 1 }, usage: noUsage, costMicroUsd: 0 },
    });
  });

  it('count refusals by their code', () => {
    const accounts = open();
    for (const code of ['overloaded', 'rate-limited', 'overloaded'] as const)
      accounts.refuse(asked([]), code);
    accounts.refuse({ model: null, key: null }, 'bad-key');
    const { total, keys } = accounts.read();
    expect(total.requests.refused).toEqual({ overloaded: 2, 'rate-limited': 1, 'bad-key': 1 });
    expect(keys['(none)']?.requests.refused).toEqual({ 'bad-key': 1 });
  });

  it('never show a key that may be a real one', () => {
    const accounts = open();
    accounts.refuse({ model: null, key: `sk-ant-api03-${'x'.repeat(80)}7AAA` }, 'bad-key');
    expect(Object.keys(accounts.read().keys)).toEqual(['sk-ant…7AAA']);
  });

  it('begin anew when they are reset, and book later what is under way', () => {
    const accounts = open();
    const settle = accounts.open(asked([]));
    accounts.open(asked([]))(usage);
    accounts.reset();
    expect(accounts.read()).toMatchObject({ open: 1, total: { costMicroUsd: 0 }, models: {}, keys: {} });
    settle(usage);
    expect(accounts.read()).toMatchObject({ open: 0, total: { costMicroUsd: cost } });
  });
});
