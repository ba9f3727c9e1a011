import type { Effort } from '../../core/index.ts';
import type { SimModel } from '../server/wire.ts';
import { breakpointFault } from './breakpoints.ts';
import { turnsFault } from './check-turns.ts';
import { type Fault, invalidRequest } from './fault.ts';
import type { MessageBody, PromptBody } from './message-body.ts';
import type { ModelRules } from './model-rules.ts';
import { type Turn, turnsOf } from './turns.ts';

/** What a request for a message is judged by. */
export interface Judging extends PromptJudging {
  /** True for an item of a batch. */
  readonly batch: boolean;
}

/** What any prompt is judged by. */
export interface PromptJudging {
  readonly model: SimModel;
  readonly rules: ModelRules;
  /** `anthropic-version`: dates of this form sort as text. */
  readonly version: string;
}

/** The version that took the sampling parameters away. */
const withoutSampling = '2026-10-21';

/** Finds what is wrong with a prompt that has the right shape. */
export function promptFault(body: PromptBody, { rules, version }: PromptJudging): Fault | null {
  const turns = turnsOf(body);
  return (
    versionFault(body, turns, version) ??
    toolsFault(body) ??
    toolChoiceFault(body, rules) ??
    thinkingFault(body, rules) ??
    effortFault(body, rules) ??
    systemTextFault(body) ??
    breakpointFault(body) ??
    turnsFault(turns, rules)
  );
}

/** Finds what is wrong with a request for a message that has the right shape. */
export function messageFault(body: MessageBody, judging: Judging): Fault | null {
  return (
    threadFault(body) ??
    (judging.batch ? batchFault(body) : null) ??
    outputFault(body, judging.model) ??
    promptFault(body, judging) ??
    prewarmFault(body)
  );
}

/** Conversations are not kept here. The API has a word for that, on which clients send them whole. */
function threadFault({ thread }: MessageBody): Fault | null {
  if (thread === null || thread === undefined) return null;
  const message = 'thread: not supported for this request. Send the full conversation without `thread`.';
  return { ...invalidRequest(message), errorCode: 'thread_unsupported_request' };
}

/** What makes no sense where nobody waits (Anthropic, "Batch processing"). */
function batchFault({ stream, speed, max_tokens }: MessageBody): Fault | null {
  const wishes = { stream: stream === true, speed: speed === 'fast', 'max_tokens: 0': max_tokens === 0 };
  const excluded = Object.entries(wishes).find(([, isAsked]) => isAsked)?.[0];
  return excluded === undefined ? null : invalidRequest(`\`${excluded}\` is not supported in a batch`);
}

/** Anthropic, "Versioning": what the version of 2026-10-21 no longer takes. */
function versionFault(body: PromptBody, turns: readonly Turn[], version: string): Fault | null {
  if (version < withoutSampling) return null;
  const gone = (['temperature', 'top_p', 'top_k'] as const).find((name) => body[name] !== undefined);
  if (gone !== undefined) return invalidRequest(`${gone}: Extra inputs are not permitted`);
  for (const { role, blocks } of turns) {
    for (const { block, place } of blocks) {
      if (role === 'assistant' && block.type === 'document') {
        return invalidRequest(`${place}: \`document\` blocks are not permitted in \`assistant\` messages`);
      }
      const cites = role === 'user' && block.type === 'text' && (block.citations ?? []).length > 0;
      if (cites) return invalidRequest(`${place}.text.citations: Extra inputs are not permitted`);
    }
  }
  return null;
}

function toolsFault({ tools }: PromptBody): Fault | null {
  const names = (tools ?? []).map(({ name }) => name);
  return new Set(names).size === names.length ? null : invalidRequest('tools: Tool names must be unique.');
}

function toolChoiceFault(
  { tool_choice: choice, tools, thinking }: PromptBody,
  rules: ModelRules,
): Fault | null {
  if (choice === null || choice === undefined || choice.type === 'none') return null;
  if ((tools ?? []).length === 0) {
    return invalidRequest('tool_choice: tool_choice may only be specified while providing tools');
  }
  if (choice.type === 'auto') return null;
  if (!rules.takesForcedTools) {
    return invalidRequest('tool_choice: type "tool" and "any" are not supported for this model.');
  }
  if (choice.type === 'tool' && !(tools ?? []).some(({ name }) => name === choice.name)) {
    return invalidRequest(`tool_choice: Tool '${choice.name}' not found in provided tools`);
  }
  const thinks = thinking?.type === 'enabled' || thinking?.type === 'adaptive';
  return thinks ? invalidRequest('Thinking may not be enabled when tool_choice forces tool use.') : null;
}

function thinkingFault({ thinking, output_config }: PromptBody, rules: ModelRules): Fault | null {
  if (thinking === null || thinking === undefined) return null;
  if (!rules.thinkingTypes.includes(thinking.type)) return invalidRequest(unsupported(thinking.type));
  const { disabledEffortMax } = rules;
  if (thinking.type !== 'disabled' || disabledEffortMax === undefined) return null;
  const effort = output_config?.effort ?? rules.effort;
  if (effort === null || efforts.indexOf(effort) <= efforts.indexOf(disabledEffortMax)) return null;
  const most = `up to "output_config.effort" "${disabledEffortMax}"`;
  return invalidRequest(`"thinking.type.disabled" is only supported for this model ${most}.`);
}

const efforts: readonly Effort[] = ['low', 'medium', 'high', 'xhigh', 'max'];

function unsupported(type: string): string {
  if (type === 'adaptive') return 'adaptive thinking is not supported on this model';
  const instead = 'Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.';
  return `"thinking.type.${type}" is not supported for this model. ${instead}`;
}

function effortFault({ output_config }: PromptBody, rules: ModelRules): Fault | null {
  const isAsked = (output_config?.effort ?? null) !== null;
  return isAsked && rules.effort === null
    ? invalidRequest('This model does not support the effort parameter.')
    : null;
}

function systemTextFault({ system }: PromptBody): Fault | null {
  const isEmpty = Array.isArray(system) && system.some(({ text }) => text === '');
  return isEmpty ? invalidRequest('system: text content blocks must be non-empty') : null;
}

function outputFault(
  { max_tokens, thinking }: MessageBody,
  { name, outputTokensMax }: SimModel,
): Fault | null {
  if (max_tokens > outputTokensMax) {
    const rule = `which is the maximum allowed number of output tokens for ${name}`;
    return invalidRequest(`max_tokens: ${max_tokens} > ${outputTokensMax}, ${rule}`);
  }
  if (max_tokens === 0 || thinking?.type !== 'enabled' || thinking.budget_tokens < max_tokens) return null;
  return invalidRequest('`max_tokens` must be greater than `thinking.budget_tokens`.');
}

/** Without output there is only the cache to fill (Anthropic, "Prompt caching"), which rules some wishes out. */
function prewarmFault({
  max_tokens,
  stream,
  thinking,
  output_config,
  tool_choice,
}: MessageBody): Fault | null {
  if (max_tokens > 0) return null;
  const wishes = {
    stream: stream === true,
    'thinking.type.enabled': thinking?.type === 'enabled',
    'output_config.format': (output_config?.format ?? null) !== null,
    tool_choice: tool_choice?.type === 'any' || tool_choice?.type === 'tool',
  };
  const excluded = Object.entries(wishes).find(([, isAsked]) => isAsked)?.[0];
  return excluded === undefined
    ? null
    : invalidRequest(`max_tokens: 0 cannot be combined with \`${excluded}\``);
}
