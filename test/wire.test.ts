import { describe, expect, it } from 'vitest';
import type { EndedJob, Inspan, JournalStore } from '../src/inspan.ts';
import { createMemoryJournalStore } from '../src/testing.ts';
import { openWired, shortTimeouts, type Wired } from './setup/simulator.ts';

const models = [
  'anthropic/claude-sonnet-5',
  'openai/gpt-6.1-terra',
  'openai-chat/gpt-6.1-terra',
  'ollama/qwen3:8b',
];

const source =
  '# Brook\n\nBrook streams 12,000 rows per second. It needs Node 22.\n\n## Cost\n\nIt costs nothing.\n';

/** What goes wrong in a job, in combinations that it survives. */
const storms: readonly (readonly [string, readonly object[]])[] = [
  ['nothing goes wrong', []],
  [
    'requests are refused',
    [
      { fault: 'rate-limited', rate: 0.1, retryAfterS: 0 },
      { fault: 'overloaded', rate: 0.1, retryAfterS: 1 },
      { fault: 'server-error', rate: 0.1 },
      { fault: 'hang-up', rate: 0.1 },
    ],
  ],
  [
    'answers break off',
    [
      { fault: 'cut', at: [1, 8, 14], through: 0.5 },
      { fault: 'cut', at: [5], through: 0.95 },
      { fault: 'malformed', at: [3, 11] },
      { fault: 'overloaded-midway', at: [6, 16], through: 0.7 },
    ],
  ],
  [
    'answers never begin or never end',
    [
      { fault: 'slow-first-byte', at: [2, 9] },
      { fault: 'stall', at: [4, 12] },
      { fault: 'stall', at: [7], through: 0 },
      { fault: 'cut', at: [15], through: 0 },
    ],
  ],
  [
    'the model errs',
    [
      { fault: 'wrong-arguments', every: 5 },
      { fault: 'broken-arguments', every: 7 },
    ],
  ],
  [
    'everything goes wrong at once',
    [
      { fault: 'overloaded', rate: 0.1, retryAfterS: 0 },
      { fault: 'hang-up', at: [3] },
      { fault: 'cut', rate: 0.1 },
      { fault: 'malformed', rate: 0.05 },
      { fault: 'slow-first-byte', at: [6] },
      { fault: 'wrong-arguments', at: [8] },
    ],
  ],
];

async function launch(inspan: Inspan, journal?: JournalStore): Promise<EndedJob> {
  const team = await inspan.loadTeam('examples/launch-kit');
  const brief = { files: { 'source.md': source } };
  const job = await inspan.start(team, brief, journal === undefined ? {} : { journal });
  return await job.outcome();
}

/** Holds a job's own account against what its provider billed: every bucket, and every micro-dollar. */
function expectSameBooks({ usage: { total } }: EndedJob, { simulator }: Pick<Wired, 'simulator'>): void {
  const { total: billed, open } = simulator.accounts();
  // A local server that says nothing of a cache has one all the same: unknown is not zero.
  const cacheReadTokens =
    total.usage.cacheReadTokens === 'unknown' ? 'unknown' : billed.usage.cacheReadTokens;
  expect(total.usage).toEqual({ ...billed.usage, cacheReadTokens });
  expect([total.costMicroUsd, open, billed.unpriced]).toEqual([billed.costMicroUsd, 0, 0]);
}

describe.each(models)('the launch kit on %s', (model) => {
  it.each(storms)('accounts for every token and micro-dollar when %s', async (_, faults) => {
    const wired = await openWired({ faults }, { model, transport: shortTimeouts });
    const ended = await launch(wired.inspan);
    expect([ended.failure, ended.outcome]).toEqual([null, 'done']);
    expectSameBooks(ended, wired);
    const { answered, untold } = wired.simulator.accounts().total.requests;
    const { calls, unreported } = ended.usage.total;
    expect(calls).toBe(answered + untold);
    // Anthropic tells the input first: what broke off after that is reported in part and estimated in part.
    const unreportedMax = model.startsWith('anthropic/') ? calls : untold;
    expect(unreported.calls).toBeGreaterThanOrEqual(untold);
    expect(unreported.calls).toBeLessThanOrEqual(unreportedMax);
  });

  it.each([
    ['bad-key', 'no-access'],
    ['quota-exhausted', 'no-access'],
  ])('goes on where %s stopped it, and pays for nothing twice', async (fault, code) => {
    const wired = await openWired({ faults: [{ fault, at: [9] }] }, { model });
    const journal = createMemoryJournalStore();
    const stopped = await launch(wired.inspan, journal);
    expect(stopped.failure?.code).toBe(code);
    expectSameBooks(stopped, wired);
    const ended = await launch(wired.inspan, journal);
    expect([ended.failure, ended.outcome]).toEqual([null, 'done']);
    expectSameBooks(ended, wired);
  });

  it.each([
    ['context-overflow', 'context-full'],
    ['refusal', 'refused'],
  ])('keeps the books of a job that %s ends for good', async (fault, code) => {
    const wired = await openWired({ faults: [{ fault, at: [1] }] }, { model });
    const journal = createMemoryJournalStore();
    const first = await launch(wired.inspan, journal);
    expect(first.failure?.code).toBe(code);
    const again = await launch(wired.inspan, journal);
    expect([again.failure, again.usage]).toEqual([first.failure, first.usage]);
    expectSameBooks(again, wired);
  });
});
