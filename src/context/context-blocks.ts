import { type ContextBlock, type SystemBlock, totalInputTokens, type Usage } from '../core/index.ts';

/** Tokens of a request's parts, counted here. */
export interface ContextCounts {
  readonly tools: number;
  /** Of each system block, in its order. */
  readonly system: readonly number[];
  /** The first message. */
  readonly task: number;
  /** What was said between the first message and the newest. */
  readonly history: number;
  /** The last message, where it is not the first. */
  readonly newest: number;
}

/**
 * Says where a request's input tokens went, block by block. In the order they were sent, without empty ones.
 * Counts are scaled to what the provider reported, so that the blocks always add up to it.
 */
export function contextBlocks(
  { system }: { readonly system: readonly Pick<SystemBlock, 'id'>[] },
  usage: Usage,
  counts: ContextCounts,
): readonly ContextBlock[] {
  const parts = [
    { id: 'tools', tokens: counts.tools },
    ...system.map(({ id }, index) => ({ id, tokens: counts.system[index] ?? 0 })),
    { id: 'task', tokens: counts.task },
    { id: 'history', tokens: counts.history },
    { id: 'newest', tokens: counts.newest },
  ].filter(({ tokens }) => tokens > 0);
  const counted = parts.reduce((sum, { tokens }) => sum + tokens, 0);
  const reported = totalInputTokens(usage);
  const scale = counted === 0 || reported === 0 ? 1 : reported / counted;
  let end = 0;
  return parts.map(({ id, tokens }) => {
    const start = end;
    end += tokens;
    // Rounded at the borders, not block by block: the sum stays exact.
    const [from, to] = [Math.round(start * scale), Math.round(end * scale)];
    return { id, tokens: to - from, cache: cacheStateAt((from + to) / 2, usage) };
  });
}

/** A prefix is read up to some place and written up to another; a block counts by its middle. */
function cacheStateAt(middle: number, usage: Usage): ContextBlock['cache'] {
  const { cacheReadTokens: read, cacheWrite5mTokens, cacheWrite1hTokens } = usage;
  if (read === 'unknown') return 'unknown';
  if (middle < read) return 'read';
  return middle < read + cacheWrite5mTokens + cacheWrite1hTokens ? 'written' : 'none';
}
