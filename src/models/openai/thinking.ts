import type { Effort, ModelRequest } from '../../core/index.ts';
import { capabilitiesOf, nearestEffort } from '../capabilities/capabilities-of.ts';

/** The effort to ask a model for. `none`: it is to go without thinking; undefined: say nothing. */
export function effortOf(
  { effort, thinkingTokensMax }: Pick<ModelRequest, 'effort' | 'thinkingTokensMax'>,
  modelId: string,
): Effort | 'none' | undefined {
  if (thinkingTokensMax === 0 && canBeSilent(modelId)) return 'none';
  return effort === undefined ? undefined : (nearestEffort(effort, modelId) ?? undefined);
}

/** False for models that are known to think always, or never: both reject the word. */
function canBeSilent(modelId: string): boolean {
  const { thinking } = capabilitiesOf(modelId);
  return thinking === null || (thinking.byDefault !== false && thinking.offUpTo !== null);
}

/** Says whether a model is known to think: all others may reject what belongs to thinking. */
export function isThinker(modelId: string): boolean {
  return capabilitiesOf(modelId).thinking?.byDefault === true;
}
