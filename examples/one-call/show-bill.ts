import type { Usage } from 'inspan';

type CostOf = (usage: Usage) => Promise<number | 'unknown'>;

/** Writes what calls used and cost, and what the same tokens would have cost without a prompt cache. */
export async function showBill(usages: readonly Usage[], costOf: CostOf): Promise<string> {
  const sum = (tokens: (usage: Usage) => number) => usages.reduce((total, usage) => total + tokens(usage), 0);
  const cost = await costOfAll(usages, costOf);
  const plain = await costOfAll(usages.map(withoutCache), costOf);
  const rows: readonly (readonly [string, string])[] = [
    ['calls', count(usages.length)],
    ['tokens in, not cached', count(sum(({ inputTokens }) => inputTokens))],
    ['tokens in, written to the cache', count(sum(writtenTokens))],
    ['tokens in, read from the cache', usages.some(isUnknown) ? 'unknown' : count(sum(readTokens))],
    ['tokens out', count(sum(({ outputTokens, reasoningTokens }) => outputTokens + reasoningTokens))],
    ['cost', dollars(cost)],
    ['cost without the cache', dollars(plain)],
    ['saved', saved(cost, plain)],
  ];
  return rows.map(([name, value]) => `${name.padEnd(33)}${value.padStart(10)}`).join('\n');
}

/** All that went in, at the plain price. */
function withoutCache(usage: Usage): Usage {
  const inputTokens = usage.inputTokens + writtenTokens(usage) + readTokens(usage);
  return { ...usage, inputTokens, cacheReadTokens: 0, cacheWrite5mTokens: 0, cacheWrite1hTokens: 0 };
}

/** Call by call: the price of some models depends on the length of one request. */
async function costOfAll(usages: readonly Usage[], costOf: CostOf): Promise<number | 'unknown'> {
  const costs = await Promise.all(usages.map(costOf));
  return costs.reduce((sum, cost) => (sum === 'unknown' || cost === 'unknown' ? 'unknown' : sum + cost), 0);
}

function writtenTokens({ cacheWrite5mTokens, cacheWrite1hTokens }: Usage): number {
  return cacheWrite5mTokens + cacheWrite1hTokens;
}

function readTokens({ cacheReadTokens }: Usage): number {
  return cacheReadTokens === 'unknown' ? 0 : cacheReadTokens;
}

/** Said of servers that tell nothing of a cache: what they read of it is in the first row. */
function isUnknown({ cacheReadTokens }: Usage): boolean {
  return cacheReadTokens === 'unknown';
}

function dollars(microUsd: number | 'unknown'): string {
  return microUsd === 'unknown' ? 'unknown' : `$${(microUsd / 1e6).toFixed(4)}`;
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}

function saved(cost: number | 'unknown', plain: number | 'unknown'): string {
  if (cost === 'unknown' || plain === 'unknown') return 'unknown';
  return plain === 0 ? 'nothing' : `${((1 - cost / plain) * 100).toFixed(0)} %`;
}
