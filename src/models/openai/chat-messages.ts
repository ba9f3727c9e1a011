import type { OpenAI } from 'openai';
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
import type { ChatDialect } from '../providers.ts';
import { type ConversationTurn, cacheMarksOf, systemOf } from '../wire/conversation.ts';
import { createTurnWriter } from '../wire/turn-writer.ts';
import { argumentsText, breakpointMarks, dataUrl, knowsBreakpoints } from './content.ts';

type MessageParam = OpenAI.ChatCompletionMessageParam;
type PartParam = OpenAI.ChatCompletionContentPartText | OpenAI.ChatCompletionContentPartImage;

/** Whose messages are written, and how its cache marks are. */
interface MessagesTarget {
  readonly provider: string;
  readonly model: string;
  readonly cacheMarks: ChatDialect['cacheMarks'];
}

/** Writes a request's system part and conversation; `addition` ends the system part. */
export function createChatMessages(
  target: MessagesTarget,
): (request: ModelRequest, addition: string | null) => MessageParam[] {
  const style = markStyleOf(target);
  const turnsOf = createTurnWriter((turn) => turnParams(turn, target.provider, style));
  return (request, addition) => {
    const blocks = systemOf(request);
    const written = turnsOf(request.messages);
    const marks = marksOf(
      style,
      blocks,
      written.map(({ turn }) => turn),
    );
    return [
      ...systemParams(blocks, addition, { style, marks: marks.system }),
      ...written.flatMap(({ params }, position) => markedLast(params, style, marks.turns.get(position))),
    ];
  };
}

/** How marks are written to one model; null: not at all, and texts are plain strings. */
type MarkStyle = ChatDialect['cacheMarks'];

function markStyleOf({ cacheMarks, model }: MessagesTarget): MarkStyle {
  return cacheMarks === 'prompt_cache_breakpoint' && !knowsBreakpoints(model) ? null : cacheMarks;
}

interface Marks {
  readonly system: ReadonlyMap<number, CacheLife>;
  readonly turns: ReadonlyMap<number, CacheLife>;
}

function marksOf(
  style: MarkStyle,
  blocks: readonly SystemBlock[],
  turns: readonly ConversationTurn[],
): Marks {
  if (style === null) return { system: new Map(), turns: new Map() };
  const marks = cacheMarksOf(blocks, turns);
  return style === 'cache_control' ? marks : breakpointMarks(marks, turns.length);
}

/** One system message: the templates of many open models take no second. */
function systemParams(
  blocks: readonly SystemBlock[],
  addition: string | null,
  { style, marks }: { readonly style: MarkStyle; readonly marks: ReadonlyMap<number, CacheLife> },
): readonly MessageParam[] {
  const texts = [...blocks.map(({ text }) => text), ...(addition === null ? [] : [addition])];
  if (texts.length === 0) return [];
  if (style === null) return [{ role: 'system', content: texts.join('\n\n') }];
  const parts = texts.map((text, position) => {
    // Parts are joined without anything between them by most templates.
    const part = { type: 'text' as const, text: position < texts.length - 1 ? `${text}\n\n` : text };
    return marked(part, style, marks.get(position));
  });
  return [{ role: 'system', content: parts }];
}

function turnParams(turn: ConversationTurn, provider: string, style: MarkStyle): readonly MessageParam[] {
  if (turn.role === 'assistant') return [assistantParam(turn.blocks, provider)];
  const results = turn.results.map((result) => resultParam(result, style));
  return turn.parts.length === 0
    ? results
    : [...results, { role: 'user', content: contentOf(turn.parts, style) }];
}

/** Where marks may come and go, text is a part from the start: a mark then changes nothing else. */
function contentOf(parts: readonly (TextBlock | ImageBlock)[], style: MarkStyle): string | PartParam[] {
  const texts = parts.flatMap((part) => (part.type === 'text' ? [part.text] : []));
  if (style === null && texts.length === parts.length) return texts.join('\n\n');
  return parts.map((part, position) => {
    if (part.type === 'image') return { type: 'image_url', image_url: { url: dataUrl(part) } };
    return { type: 'text', text: position < parts.length - 1 ? `${part.text}\n\n` : part.text };
  });
}

function resultParam({ id, text, failed }: ToolResultBlock, style: MarkStyle): MessageParam {
  // This wire has no flag for failures, so the text says it.
  const said = failed ? `Error: ${text}` : text;
  return { role: 'tool', tool_call_id: id, content: style === null ? said : [{ type: 'text', text: said }] };
}

/** The same messages, with a mark on the last part of the last. */
function markedLast(
  params: readonly MessageParam[],
  style: MarkStyle,
  life: CacheLife | undefined,
): readonly MessageParam[] {
  const last = params.at(-1);
  if (life === undefined || last === undefined || !Array.isArray(last.content)) return params;
  const parts = last.content.map((part, position, all) =>
    position === all.length - 1 ? marked(part, style, life) : part,
  );
  return [...params.slice(0, -1), { ...last, content: parts } as MessageParam];
}

function marked<Part extends object>(part: Part, style: MarkStyle, life: CacheLife | undefined): Part {
  if (life === undefined) return part;
  // OpenAI's longer life is only to be had on its other wire.
  if (style === 'prompt_cache_breakpoint') return { ...part, prompt_cache_breakpoint: { mode: 'explicit' } };
  return { ...part, cache_control: { type: 'ephemeral', ...(life === 'long' ? { ttl: '1h' } : {}) } };
}

function assistantParam(
  blocks: readonly AssistantBlock[],
  provider: string,
): OpenAI.ChatCompletionAssistantMessageParam {
  const text = blocks.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n\n');
  const own = blocks.flatMap((block) =>
    block.type === 'opaque' && block.provider === provider ? [block.content] : [],
  );
  const extras = Object.assign({}, ...own.filter(isJsonObject)) as { readonly [key: string]: Json };
  const { callExtras, ...messageExtras } = extras;
  const calls = blocks.flatMap((block) => (block.type === 'tool-call' ? [callParam(block, callExtras)] : []));
  return {
    role: 'assistant',
    content: text === '' && calls.length > 0 ? null : text,
    ...messageExtras,
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

function callParam(
  { id, name, input }: Extract<AssistantBlock, { readonly type: 'tool-call' }>,
  extras: Json | undefined,
): OpenAI.ChatCompletionMessageFunctionToolCall {
  const extra = isJsonObject(extras) ? extras[id] : undefined;
  return {
    id,
    type: 'function',
    function: { name, arguments: argumentsText(input) },
    ...(isJsonObject(extra) ? extra : {}),
  };
}
