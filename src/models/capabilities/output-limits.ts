import type { ModelRequest } from '../../core/index.ts';
import { knownContextTokensMaxOf } from '../model-facts.ts';
import { capabilitiesOf } from './capabilities-of.ts';
import type { Capabilities, Thinking } from './capability.ts';

/** What one answer may take, in tokens. */
export interface OutputLimits {
  /** Thinking and answer together: what is asked of the provider, and the most that can be billed. */
  readonly tokensMax: number;
  /** How many of them may be thinking; null where the model is given no budget. */
  readonly thinkingTokensMax: number | null;
}

/**
 * Says how long an answer may be. A thinking budget comes on top of `outputTokensMax` as far as the model's maximum
 * allows. The budget never depends on `outputTokensMax`, which shrinks as a run goes on: another budget is another
 * prefix, and what was cached is written anew.
 */
export function outputLimitsOf(
  { outputTokensMax, thinkingTokensMax = 0 }: ModelRequest,
  modelId: string,
  { thinking, outputTokensMax: known }: Capabilities = capabilitiesOf(modelId),
): OutputLimits {
  const modelMax = known ?? cautiousTokensMax(modelId);
  const takesBudget = thinking === null || thinking.budget !== null;
  if (thinkingTokensMax === 0 || !takesBudget) {
    return { tokensMax: Math.min(outputTokensMax, modelMax), thinkingTokensMax: null };
  }
  const budget = budgetWithin(thinking, thinkingTokensMax, modelMax);
  return { tokensMax: Math.min(outputTokensMax + budget, modelMax), thinkingTokensMax: budget };
}

/**
 * What a model is asked for at most where its longest answer is not known: servers refuse a request whose input and
 * longest answer do not fit the window together, and one above the model's maximum. Few take less than 8,192.
 */
function cautiousTokensMax(modelId: string): number {
  const window = knownContextTokensMaxOf(modelId);
  return window === null ? 8192 : Math.floor(window / 4);
}

/** What is left to answer with where a model's own bounds are not known: the least that Claude is left. */
const answerTokensMin = 1024;

function budgetWithin(thinking: Thinking | null, wanted: number, modelMax: number): number {
  const { tokensMin, tokensMax } = thinking?.budget ?? {
    tokensMin: 1,
    tokensMax: modelMax - answerTokensMin,
  };
  return Math.max(tokensMin, Math.min(wanted, tokensMax));
}
