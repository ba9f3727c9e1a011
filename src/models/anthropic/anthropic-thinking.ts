import type { Anthropic } from '@anthropic-ai/sdk';
import type { ModelRequest } from '../../core/index.ts';
import { capabilitiesOf } from '../capabilities/capabilities-of.ts';
import { effortsInOrder } from '../capabilities/capability.ts';
import type { OutputLimits } from '../capabilities/output-limits.ts';

/**
 * How a request says how to think; null where it says nothing. Never what the model would reject.
 * Where thinking is shown, and how much of it, stays the model's default: asking for more makes an answer start later.
 */
export function thinkingParam(
  request: ModelRequest,
  modelId: string,
  { thinkingTokensMax: budget }: OutputLimits,
): Anthropic.ThinkingConfigParam | null {
  if (request.thinkingTokensMax === 0) return silentParam(request, modelId);
  if (budget !== null) return goesOnWithout(request) ? null : { type: 'enabled', budget_tokens: budget };
  if (request.effort === undefined) return null;
  const { thinking } = capabilitiesOf(modelId);
  // To say how hard to think is to ask for thinking, which these models otherwise leave out.
  return thinking?.byDefault === false && thinking.adaptive ? { type: 'adaptive' } : null;
}

/**
 * With a budget, a turn that called tools must have begun with thinking (Anthropic, "Extended thinking").
 * One that another provider's model made has none: then the answer goes on without, until the next turn.
 */
function goesOnWithout({ messages }: ModelRequest): boolean {
  const last = messages.findLast((message) => message.role === 'assistant')?.blocks ?? [];
  const hasThought = last.some((block) => block.type === 'opaque' && block.provider === 'anthropic');
  return !hasThought && last.some((block) => block.type === 'tool-call');
}

function silentParam(
  { effort = 'low' }: ModelRequest,
  modelId: string,
): Anthropic.ThinkingConfigParam | null {
  const { thinking } = capabilitiesOf(modelId);
  if (thinking === null) return { type: 'disabled' };
  if (thinking.byDefault === false || thinking.offUpTo === null) return null;
  const isAllowed = effortsInOrder.indexOf(effort) <= effortsInOrder.indexOf(thinking.offUpTo);
  if (!isAllowed) return null;
  return { type: knowsBetweenTools.test(modelId) ? 'between_tools' : 'disabled' };
}

/** Its word for the least thinking there is; `disabled` it rejects (Anthropic, "What's new in Claude Sonnet 5.5"). */
const knowsBetweenTools = /^anthropic\/claude-sonnet-5[-.]5/;
