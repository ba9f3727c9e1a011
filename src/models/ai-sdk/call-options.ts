import {
  type AssistantBlock,
  type CacheLife,
  type ImageBlock,
  isJsonObject,
  type Json,
  type ModelRequest,
  type SystemBlock,
  type TextBlock,
  type ToolResultBlock,
} from '../../core/index.ts';
import { outputLimitsOf } from '../capabilities/output-limits.ts';
import { effortOf } from '../openai/thinking.ts';
import { type ConversationTurn, cacheMarksOf, systemOf, turnsOf } from '../wire/conversation.ts';
import { schemaName } from '../wire/output-schema.ts';
import type { CallOptions, LanguageModel } from './language-model.ts';

/** Whose call is written, and under which names. */
export interface CallTarget {
  readonly languageModel: LanguageModel;
  /** `provider/name`, for what is known of the model. */
  readonly id: string;
  /** The provider's name in opaque blocks. */
  readonly opaqueName: string;
  /** Said with every call. */
  readonly providerOptions: ProviderOptions;
}

/** Settings by provider: those of others are ignored. */
export type ProviderOptions = { readonly [provider: string]: { readonly [setting: string]: Json } };

/** Writes a request as a language model of the AI SDK takes it. */
export function callOptions(request: ModelRequest, target: CallTarget): CallOptions {
  const { output, tools } = request;
  const thinking = thinkingOptions(request, target);
  const own = merged(target.providerOptions, thinking.providerOptions);
  return {
    prompt: promptOf(request, target),
    maxOutputTokens: thinking.maxOutputTokens,
    ...(tools.length === 0 ? {} : { tools: tools.map(toolOf) }),
    ...(output === undefined
      ? {}
      : { responseFormat: { type: 'json', schema: output.schema, name: schemaName(output) } }),
    ...(thinking.reasoning === undefined ? {} : { reasoning: thinking.reasoning }),
    ...(Object.keys(own).length === 0 ? {} : { providerOptions: own }),
  };
}

function toolOf({ name, purpose, inputSchema }: ModelRequest['tools'][number]): object {
  return { type: 'function', name, description: purpose, inputSchema };
}

interface ThinkingOptions {
  readonly maxOutputTokens: number;
  readonly reasoning?: string;
  readonly providerOptions: ProviderOptions;
}

function thinkingOptions(request: ModelRequest, { languageModel, id }: CallTarget): ThinkingOptions {
  const limits = outputLimitsOf(request, id);
  const budget = limits.thinkingTokensMax;
  const family = languageModel.provider.split('.')[0] ?? '';
  if (budget !== null && isAnthropic(languageModel)) {
    // This provider adds the budget to the limit itself.
    const maxOutputTokens = limits.tokensMax - budget;
    const thinking = { type: 'enabled', budgetTokens: budget };
    return { maxOutputTokens, providerOptions: { anthropic: { thinking } } };
  }
  const maxOutputTokens = limits.tokensMax;
  if (budget !== null && family === 'google') {
    const thinkingConfig = { thinkingBudget: budget };
    return { maxOutputTokens, providerOptions: { google: { thinkingConfig } } };
  }
  const effort = effortOf(request, id);
  if (effort === undefined) return { maxOutputTokens, providerOptions: {} };
  if (languageModel.specificationVersion === 'v4')
    return { maxOutputTokens, reasoning: effort, providerOptions: {} };
  // Before `v4` each provider had its own word.
  if (isAnthropic(languageModel)) {
    const setting = effort === 'none' ? { thinking: { type: 'disabled' } } : { effort };
    return { maxOutputTokens, providerOptions: { anthropic: setting } };
  }
  return { maxOutputTokens, providerOptions: { [family]: { reasoningEffort: effort } } };
}

function merged(a: ProviderOptions, b: ProviderOptions): ProviderOptions {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return Object.fromEntries(names.map((name) => [name, { ...a[name], ...b[name] }]));
}

function isAnthropic({ provider }: LanguageModel): boolean {
  return provider.includes('anthropic');
}

function promptOf(request: ModelRequest, target: CallTarget): object[] {
  const turns = turnsOf(request.messages);
  const blocks = systemOf(request);
  const takesMarks = isAnthropic(target.languageModel) || target.languageModel.provider.includes('bedrock');
  const none = { system: new Map<number, CacheLife>(), turns: new Map<number, CacheLife>() };
  const marks = takesMarks ? cacheMarksOf(blocks, turns) : none;
  const names = toolNames(request);
  return [
    ...systemMessages(blocks, takesMarks, marks.system),
    ...turns.flatMap((turn, position) => {
      const messages = turnMessages(turn, { target, names });
      const life = marks.turns.get(position);
      return life === undefined ? messages : markedLast(messages, life);
    }),
  ];
}

/** One message where nothing is marked: many models take no second. */
function systemMessages(
  blocks: readonly SystemBlock[],
  takesMarks: boolean,
  marks: ReadonlyMap<number, CacheLife>,
): readonly object[] {
  if (blocks.length === 0) return [];
  if (!takesMarks) return [{ role: 'system', content: blocks.map(({ text }) => text).join('\n\n') }];
  return blocks.map(({ text }, position) => withMark({ role: 'system', content: text }, marks.get(position)));
}

/** Results name the tool they are of, which only the call knows. */
function toolNames({ messages }: ModelRequest): ReadonlyMap<string, string> {
  const said = messages.flatMap((message) => (message.role === 'assistant' ? message.blocks : []));
  return new Map(said.flatMap((block) => (block.type === 'tool-call' ? [[block.id, block.name]] : [])));
}

interface TurnParts {
  readonly target: CallTarget;
  readonly names: ReadonlyMap<string, string>;
}

interface PromptMessage {
  readonly role: string;
  readonly content: readonly object[];
}

function turnMessages(turn: ConversationTurn, { target, names }: TurnParts): readonly PromptMessage[] {
  if (turn.role === 'assistant')
    return [{ role: 'assistant', content: assistantParts(turn.blocks, target.opaqueName) }];
  const results = turn.results.map((result) => resultPart(result, names));
  const parts = turn.parts.map((part) => userPart(part, target.languageModel));
  return [
    ...(results.length === 0 ? [] : [{ role: 'tool', content: results }]),
    ...(parts.length === 0 ? [] : [{ role: 'user', content: parts }]),
  ];
}

function resultPart({ id, text, failed }: ToolResultBlock, names: TurnParts['names']): object {
  const output = { type: failed ? 'error-text' : 'text', value: text };
  return { type: 'tool-result', toolCallId: id, toolName: names.get(id) ?? 'unknown', output };
}

function userPart(part: TextBlock | ImageBlock, { specificationVersion }: LanguageModel): object {
  if (part.type === 'text') return { type: 'text', text: part.text };
  const data = specificationVersion === 'v4' ? { type: 'data', data: part.base64 } : part.base64;
  return { type: 'file', mediaType: part.mediaType, data };
}

/**
 * What the model said. An opaque block is a part of the provider's own, or, as `of`, what it said beside the text or
 * call that follows.
 */
function assistantParts(blocks: readonly AssistantBlock[], opaqueName: string): readonly object[] {
  let beside: { readonly providerOptions?: Json } = {};
  return blocks.flatMap((block) => {
    if (block.type === 'opaque') {
      if (block.provider !== opaqueName || !isJsonObject(block.content)) return [];
      const { of: next, ...part } = block.content;
      if (next === undefined) return [part];
      beside = part;
      return [];
    }
    const part = {
      ...(block.type === 'text' ? { type: 'text', text: block.text } : callPart(block)),
      ...beside,
    };
    beside = {};
    return [part];
  });
}

function callPart({ id, name, input }: Extract<AssistantBlock, { readonly type: 'tool-call' }>): object {
  const sent = isJsonObject(input) ? input : { invalid_arguments: input };
  return { type: 'tool-call', toolCallId: id, toolName: name, input: sent };
}

/** The same messages, with a mark on the last part of the last. */
function markedLast(messages: readonly PromptMessage[], life: CacheLife): readonly PromptMessage[] {
  return messages.map((message, position) => {
    if (position < messages.length - 1) return message;
    const { length } = message.content;
    const content = message.content.map((part, each) => (each === length - 1 ? withMark(part, life) : part));
    return { ...message, content };
  });
}

function withMark(part: object, life: CacheLife | undefined): object {
  if (life === undefined) return part;
  const ttl = life === 'long' ? { ttl: '1h' } : {};
  const anthropic = { cacheControl: { type: 'ephemeral', ...ttl } };
  return { ...part, providerOptions: { anthropic, bedrock: { cachePoint: { type: 'default', ...ttl } } } };
}
