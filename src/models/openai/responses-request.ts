import type { OpenAI } from 'openai';
import {
  type AssistantBlock,
  type CacheLife,
  type ImageBlock,
  isJsonObject,
  type ModelRequest,
  type OutputSchema,
  type SystemBlock,
  type TextBlock,
  type ToolCallBlock,
  type ToolResultBlock,
} from '../../core/index.ts';
import { outputLimitsOf } from '../capabilities/output-limits.ts';
import { type CacheMarks, type ConversationTurn, cacheMarksOf, systemOf } from '../wire/conversation.ts';
import { isStrict, schemaName } from '../wire/output-schema.ts';
import { createTurnWriter } from '../wire/turn-writer.ts';
import { argumentsText, breakpointMarks, dataUrl, knowsBreakpoints } from './content.ts';
import { createPrefixKeys } from './prefix-key.ts';
import { effortOf, isThinker } from './thinking.ts';

/** Which model of which provider is asked. */
export interface ResponsesTarget {
  readonly provider: string;
  /** Without the provider. */
  readonly model: string;
}

type Body = OpenAI.Responses.ResponseCreateParamsStreaming;
type Item = OpenAI.Responses.ResponseInputItem;
type Part = OpenAI.Responses.ResponseInputText | OpenAI.Responses.ResponseInputImage;

/** The least the API takes: it answers less with 400. */
const outputTokensMin = 16;

/** Writes requests as the Responses API takes them, for a stream. Nothing is kept there; equal requests give equal bytes. */
export function createResponsesBody({ provider, model }: ResponsesTarget): (request: ModelRequest) => Body {
  const id = `${provider}/${model}`;
  const itemsOf = createTurnWriter((turn) => turnItems(turn, provider));
  const tools = createToolParams();
  const keyOf = createPrefixKeys();
  const takesMarks = provider === 'openai' && knowsBreakpoints(model);
  return (request) => {
    const blocks = systemOf(request);
    const written = itemsOf(request.messages);
    const turns = written.map(({ turn }) => turn);
    const marks = takesMarks ? breakpointMarks(cacheMarksOf(blocks, turns), turns.length) : noMarks;
    const effort = effortOf(request, id);
    return {
      model,
      max_output_tokens: Math.max(outputTokensMin, outputLimitsOf(request, id).tokensMax),
      stream: true,
      store: false,
      // What it thought comes back sealed, to be sent again: nothing is kept there that could be referred to.
      ...(isThinker(id) ? { include: ['reasoning.encrypted_content' as const] } : {}),
      prompt_cache_key: keyOf(request),
      ...(request.tools.length === 0 ? {} : { tools: tools(request.tools) }),
      input: [
        ...systemItems(blocks, marks.system),
        ...written.flatMap(({ params }, position) => markedLast(params, marks.turns.get(position))),
      ],
      ...(effort === undefined ? {} : { reasoning: { effort } }),
      ...(request.output === undefined ? {} : { text: { format: textFormat(request.output) } }),
    };
  };
}

const noMarks: CacheMarks = Object.freeze({ system: new Map(), turns: new Map() });

function createToolParams(): (tools: ModelRequest['tools']) => OpenAI.Responses.FunctionTool[] {
  const written = new WeakMap<ModelRequest['tools'], OpenAI.Responses.FunctionTool[]>();
  return (tools) => {
    const params = written.get(tools) ?? tools.map(toolParam);
    written.set(tools, params);
    return params;
  };
}

function toolParam({
  name,
  purpose,
  inputSchema,
}: ModelRequest['tools'][number]): OpenAI.Responses.FunctionTool {
  // Said in any case, because on this wire silence means strict, which takes few schemas.
  return { type: 'function', name, description: purpose, parameters: { ...inputSchema }, strict: false };
}

function textFormat(output: OutputSchema): OpenAI.Responses.ResponseFormatTextJSONSchemaConfig {
  return {
    type: 'json_schema',
    name: schemaName(output),
    schema: { ...output.schema },
    strict: isStrict(output.schema),
  };
}

/** One message of parts: `instructions` could carry no cache marks. */
function systemItems(blocks: readonly SystemBlock[], marks: CacheMarks['system']): readonly Item[] {
  if (blocks.length === 0) return [];
  const parts = blocks.map(({ text }, position) => {
    const said = position < blocks.length - 1 ? `${text}\n\n` : text;
    return marked({ type: 'input_text' as const, text: said }, marks.get(position));
  });
  return [{ type: 'message', role: 'developer', content: parts }];
}

function turnItems(turn: ConversationTurn, provider: string): readonly Item[] {
  if (turn.role === 'assistant') return assistantItems(turn.blocks, provider);
  const results = turn.results.map(resultItem);
  return turn.parts.length === 0
    ? results
    : [...results, { type: 'message', role: 'user', content: turn.parts.map(userPart) }];
}

function userPart(part: TextBlock | ImageBlock, position: number, all: readonly unknown[]): Part {
  if (part.type === 'image') return { type: 'input_image', image_url: dataUrl(part), detail: 'auto' };
  return { type: 'input_text', text: position < all.length - 1 ? `${part.text}\n\n` : part.text };
}

function resultItem({
  id,
  text,
  failed,
}: ToolResultBlock): OpenAI.Responses.ResponseInputItem.FunctionCallOutput {
  // This wire has no flag for failures, so the text says it.
  const said = failed ? `Error: ${text}` : text;
  return { type: 'function_call_output', call_id: id, output: [{ type: 'input_text', text: said }] };
}

/**
 * What the model said, item by item in its order. Its own items go back as they came, but for the opaque block of a
 * message: that only says which phase the text after it belongs to.
 */
function assistantItems(blocks: readonly AssistantBlock[], provider: string): readonly Item[] {
  let phase: Phase = {};
  return blocks.flatMap((block): readonly Item[] => {
    if (block.type === 'text') {
      const item = { type: 'message' as const, role: 'assistant' as const, content: block.text, ...phase };
      phase = {};
      return [item];
    }
    if (block.type === 'tool-call') return [callItem(block)];
    // Another provider's own blocks (a chain may have changed models) mean nothing here.
    if (block.provider !== provider || !isJsonObject(block.content)) return [];
    const { type, ...rest } = block.content;
    if (type === 'message') phase = rest;
    return type === 'message' || typeof type !== 'string' ? [] : [block.content as unknown as Item];
  });
}

/** Whether a text is on the way to the answer or the answer; models that say so want to be told it again. */
interface Phase {
  readonly phase?: 'commentary' | 'final_answer';
}

function callItem({ id, name, input }: ToolCallBlock): OpenAI.Responses.ResponseFunctionToolCall {
  return { type: 'function_call', call_id: id, name, arguments: argumentsText(input) };
}

/** The same items, with a mark on the last part of the last. */
function markedLast(items: readonly Item[], life: CacheLife | undefined): readonly Item[] {
  const last = items.at(-1);
  if (life === undefined || last === undefined) return items;
  if (last.type === 'function_call_output' && Array.isArray(last.output))
    return [...items.slice(0, -1), { ...last, output: markedEnd(last.output, life) }];
  if (last.type === 'message' && Array.isArray(last.content))
    return [...items.slice(0, -1), { ...last, content: markedEnd<object>(last.content, life) } as Item];
  return items;
}

function markedEnd<Part extends object>(parts: readonly Part[], life: CacheLife): Part[] {
  return parts.map((part, position) => (position === parts.length - 1 ? marked(part, life) : part));
}

function marked<Part extends object>(part: Part, life: CacheLife | undefined): Part {
  if (life === undefined) return part;
  const ttl = life === 'long' ? { ttl: '12h' } : {};
  return { ...part, prompt_cache_breakpoint: { mode: 'explicit', ...ttl } };
}
