import type { z } from 'zod';
import type { Effort } from '../../../core/index.ts';
import type { Asked } from '../../server/wire.ts';
import type { effortName } from './common-body.ts';

/** Reads an effort as our models know it: `minimal` is our lowest, `none` asks for no thinking. */
export function effortOf(effort: z.infer<typeof effortName> | null): {
  readonly effort?: Effort;
  readonly thinkingTokensMax?: number;
} {
  if (effort === null) return {};
  if (effort === 'none') return { thinkingTokensMax: 0 };
  return { effort: effort === 'minimal' ? 'low' : effort };
}

/** Reads the service tier that is billed. */
export function tierOf(tier: string | null | undefined): Asked['tier'] {
  return tier === 'flex' || tier === 'priority' || tier === 'fast' ? tier : 'standard';
}

/** Says whether a model reasons: such models refuse sampling parameters. */
export function isReasoningModel(model: string): boolean {
  return /^(?:o\d|gpt-(?:[5-9]|\d\d))/.test(model);
}

/** Says whether a model makes vectors, not answers. */
export function isEmbeddingModel(name: string): boolean {
  return name.startsWith('text-embedding-');
}
