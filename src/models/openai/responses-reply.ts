import {
  type AssistantBlock,
  isJsonObject,
  type Json,
  type ModelEvent,
  type Reply,
  type StopReason,
  type Usage,
} from '../../core/index.ts';
import { parsedArguments } from '../wire/tool-arguments.ts';
import { type ResponsesWireUsage, responsesUsage } from './responses-usage.ts';

/** One event as it comes, or the whole response where nothing is streamed. Of unknown types nothing is read. */
export interface ResponsesEvent extends WireResponse {
  readonly type?: string;
  readonly output_index?: number;
  readonly item?: WireItem;
  readonly delta?: unknown;
  readonly response?: WireResponse;
}

/** A response as the stream begins and ends with it. */
export interface WireResponse {
  readonly object?: string;
  readonly id?: string | null;
  readonly status?: string | null;
  readonly output?: readonly WireItem[] | null;
  readonly usage?: ResponsesWireUsage | null;
  readonly incomplete_details?: { readonly reason?: string | null } | null;
  readonly error?: Json;
}

/** An item of the output: a message, reasoning, a function call, or something nobody asked for. */
interface WireItem {
  readonly type?: string;
  readonly content?: readonly WirePart[] | null;
  readonly phase?: string | null;
  readonly encrypted_content?: string | null;
  readonly call_id?: string;
  readonly name?: string;
  readonly arguments?: string;
}

interface WirePart {
  readonly type?: string;
  readonly text?: string;
  readonly refusal?: string;
}

/** Puts a reply together from a Responses stream. */
export interface ResponsesReply {
  accept(event: ResponsesEvent): readonly ModelEvent[];
  /** The response as the server closed it; null before that. */
  ending(): WireResponse | null;
  /** What the server reported; null when it has reported nothing. */
  usage(): Usage | null;
  /** All that has been said so far, for an estimate where nothing is reported. */
  said(): string;
  reply(answer: AnswerFacts): Reply;
}

/** What a reply says about itself beside its content. */
interface AnswerFacts {
  readonly model: string;
  readonly usage: Usage;
  readonly requestId: string | null;
}

/** An item while it grows. `text` is what was shown, or the arguments so far. */
interface GrowingItem {
  item: WireItem;
  text: string;
}

interface Progress {
  readonly provider: string;
  readonly items: Map<number, GrowingItem>;
  thought: string;
  id: string | null;
  ending: WireResponse | null;
}

/** Starts with nothing. `provider` is whose own items will be sent back to. */
export function createResponsesReply(provider: string): ResponsesReply {
  const progress: Progress = { provider, items: new Map(), thought: '', id: null, ending: null };
  return {
    accept: (event) => accept(progress, event),
    ending: () => progress.ending,
    usage: () => (progress.ending?.usage ? responsesUsage(progress.ending.usage) : null),
    said: () => [progress.thought, ...[...progress.items.values()].map(({ text }) => text)].join(''),
    reply: (answer) => replyOf(progress, answer),
  };
}

function accept(progress: Progress, event: ResponsesEvent): readonly ModelEvent[] {
  progress.id ??= event.response?.id ?? event.id ?? null;
  switch (event.type) {
    case 'response.output_item.added':
      growing(progress, event).item = event.item ?? {};
      return [];
    case 'response.output_text.delta':
    case 'response.refusal.delta':
      return shown(growing(progress, event), event.delta);
    case 'response.function_call_arguments.delta':
      growing(progress, event).text += textOf(event.delta);
      return [];
    case 'response.reasoning_text.delta':
    case 'response.reasoning_summary_text.delta':
      progress.thought += textOf(event.delta);
      return textOf(event.delta) === '' ? [] : [{ type: 'reasoning', text: textOf(event.delta) }];
    case 'response.output_item.done':
      return finished(growing(progress, event), event.item ?? {});
    case 'response.completed':
    case 'response.incomplete':
    case 'response.failed':
    case 'response.cancelled':
      return ended(progress, event.response ?? {});
    default:
      // Providers add events; what is unknown changes nothing.
      return event.object === 'response' ? ended(progress, event) : [];
  }
}

function growing({ items }: Progress, { output_index = 0 }: ResponsesEvent): GrowingItem {
  const item = items.get(output_index) ?? { item: {}, text: '' };
  items.set(output_index, item);
  return item;
}

function shown(growing: GrowingItem, delta: unknown): readonly ModelEvent[] {
  const text = textOf(delta);
  growing.text += text;
  return text === '' ? [] : [{ type: 'text', text }];
}

/** Some servers tell an item only when it is done: then what was not shown yet is shown now. */
function finished(growing: GrowingItem, item: WireItem): readonly ModelEvent[] {
  growing.item = item;
  const whole = item.type === 'message' ? spokenIn(item) : (item.arguments ?? growing.text);
  const rest = whole.startsWith(growing.text) ? whole.slice(growing.text.length) : '';
  growing.text += rest;
  return rest === '' || item.type !== 'message' ? [] : [{ type: 'text', text: rest }];
}

/** What never came as an event of its own is taken from the whole response that ends the stream. */
function ended(progress: Progress, response: WireResponse): readonly ModelEvent[] {
  progress.ending = response;
  return (response.output ?? []).flatMap((item, position) =>
    progress.items.get(position)?.item.type === item.type
      ? []
      : finished(growing(progress, { output_index: position }), item),
  );
}

function spokenIn({ content }: WireItem): string {
  return (content ?? []).map(({ text, refusal }) => text ?? refusal ?? '').join('');
}

function textOf(delta: unknown): string {
  return typeof delta === 'string' ? delta : '';
}

function replyOf(progress: Progress, { model, usage, requestId }: AnswerFacts): Reply {
  const items = [...progress.items.entries()].sort(([a], [b]) => a - b).map(([, item]) => item);
  const isCut = isCutOff(progress.ending);
  const blocks = items.flatMap((item, position) =>
    blocksOf(item, { ...progress, position, isCut: isCut && position === items.length - 1 }),
  );
  const id = requestId ?? progress.id;
  return {
    blocks,
    stop: stopOf(progress.ending, items, blocks),
    usage,
    model,
    ...(id === null ? {} : { requestId: id }),
  };
}

/** Where an item stands. */
interface ItemPlace {
  readonly provider: string;
  readonly position: number;
  /** The answer was cut off in it. */
  readonly isCut: boolean;
}

function blocksOf(
  { item, text }: GrowingItem,
  { provider, position, isCut }: ItemPlace,
): readonly AssistantBlock[] {
  switch (item.type) {
    case 'message': {
      const phase: readonly AssistantBlock[] =
        typeof item.phase === 'string'
          ? [{ type: 'opaque', provider, content: { type: 'message', phase: item.phase } }]
          : [];
      return text === '' ? [] : [...phase, { type: 'text', text }];
    }
    case 'function_call':
      return [
        {
          type: 'tool-call',
          id: item.call_id ?? `call-${position}`,
          name: item.name ?? '',
          // A call that was cut before its arguments is none without arguments.
          input: isCut && text === '' ? '' : parsedArguments(text),
        },
      ];
    case 'reasoning':
      return isSelfContained(item) ? [{ type: 'opaque', provider, content: item as Json }] : [];
    default:
      // Nobody asked for anything else.
      return text === '' ? [] : [{ type: 'text', text }];
  }
}

function stopOf(
  ending: WireResponse | null,
  items: readonly GrowingItem[],
  blocks: readonly AssistantBlock[],
): StopReason {
  const reason = ending?.incomplete_details?.reason;
  if (reason === 'content_filter' || items.some(({ item }) => isRefusal(item))) return 'refused';
  if (isCutOff(ending)) return 'output-limit';
  return blocks.some((block) => block.type === 'tool-call') ? 'tool-calls' : 'done';
}

function isCutOff(ending: WireResponse | null): boolean {
  return ending?.status === 'incomplete' || isJsonObject(ending?.incomplete_details);
}

/** Reasoning that came neither sealed nor in words is a reference, and nothing is kept there that it could refer to. */
function isSelfContained({ encrypted_content, content }: WireItem): boolean {
  return typeof encrypted_content === 'string' || (content ?? []).length > 0;
}

function isRefusal({ content }: WireItem): boolean {
  return (content ?? []).some(({ type }) => type === 'refusal');
}
