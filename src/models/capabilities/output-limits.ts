import type { ModelRequest } from '../../core/index.ts';
import { capabilitiesOf } from './capabilities-of.ts';

/** What one answer may take, in tokens. */
export interface OutputLimits {
  /** Thinking and answer together: what is asked of the provider, and the most that can be billed. */
  readonly tokensMax: number;
  /** How many of them may be thinking; null where the model is given no budget. */
  readonly thinkingTokensMax: number | null;
}

/**
 * Says how long an answer may be. A thinking budget comes on top of `outputTokensMax` as far as the model's maximum
 * allows; beyond that, thinking gives way to the answer.
 */
export function outputLimitsOf(
  { outputTokensMax, thinkingTokensMax = 0 }: ModelRequest,
  modelId: string,
): OutputLimits {
  const { thinking, outputTokensMax: most } = capabilitiesOf(modelId);
  const modelMax = most ?? Number.POSITIVE_INFINITY;
  const takesBudget = thinking === null || thinking.budget !== null;
  if (thinkingTokensMax === 0 || !takesBudget) {
    return { tokensMax: Math.min(outputTokensMax, modelMax), thinkingTokensMax: null };
  }
  const tokensMax = Math.min(outputTokensMax + thinkingTokensMax, modelMax);
  const room = Math.min(thinkingTokensMax, tokensMax - outputTokensMax);
  const least = thinking?.budget?.tokensMin ?? 1;
  return { tokensMax: Math.max(tokensMax, least + 1), thinkingTokensMax: Math.max(least, room) };
}
