import {
  type AssistantBlock,
  type CacheLife,
  canonicalJson,
  isJsonObject,
  type Json,
  type Message,
  type SystemBlock,
  type UserBlock,
} from '../../../core/index.ts';
import type { PromptPart } from '../../server/wire.ts';

/** One message, call or result of a request: Chat Completions and Responses are both read into these. */
export interface Item {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly pieces: readonly Piece[];
}

/** A content part of an item. */
export interface Piece {
  readonly block: UserBlock | AssistantBlock;
  /** What the prompt cache hashes of it, without its mark. */
  readonly content: string;
  readonly mark: CacheLife | null;
}

/** Makes the piece of a text; however the client wrote it down, it is the same prompt. */
export function textPiece(text: string, mark: CacheLife | null = null): Piece {
  return { block: { type: 'text', text }, content: text, mark };
}

/** What the brain is given of a conversation. */
export interface Conversation {
  readonly system: readonly SystemBlock[];
  readonly messages: readonly Message[];
}

/** Reads items into what a model of ours takes: sides alternate, results stand before text. */
export function readConversation(items: readonly Item[]): Conversation {
  const opening = openingCount(items);
  const system = items.slice(0, opening).flatMap(({ pieces }, index) => {
    const text = pieces.flatMap(({ block }) => (block.type === 'text' ? [block.text] : [])).join('\n\n');
    return [{ id: `instructions-${index + 1}`, stability: 'release' as const, text }];
  });
  const messages: Message[] = [];
  for (const item of items.slice(opening)) {
    const message = messageOf(item);
    const before = messages.at(-1);
    if (before?.role === message.role) messages[messages.length - 1] = joined(before, message);
    else messages.push(message);
  }
  return { system, messages };
}

/** Instructions in the middle of a conversation are told where they stand. */
function messageOf({ role, pieces }: Item): Message {
  const blocks = pieces.map(({ block }) => block);
  return role === 'assistant'
    ? { role, blocks: blocks as readonly AssistantBlock[] }
    : { role: 'user', blocks: blocks as readonly UserBlock[] };
}

function joined(a: Message, b: Message): Message {
  if (a.role === 'assistant')
    return { role: 'assistant', blocks: [...a.blocks, ...(b.blocks as readonly AssistantBlock[])] };
  const blocks = [...a.blocks, ...(b.blocks as readonly UserBlock[])];
  const isResult = ({ type }: UserBlock): boolean => type === 'tool-result';
  return {
    role: 'user',
    blocks: [...blocks.filter(isResult), ...blocks.filter((block) => !isResult(block))],
  };
}

/** Tokens around each message, as `<|start|>role<|message|>` and `<|end|>` (OpenAI Cookbook, "How to count tokens"). */
const messageFraming = 3;
/** Tokens around each function (same page). */
const functionFraming = 7;
/** Tokens of a picture of 1024 × 1024 pixels: 85 and 170 for each of four tiles (OpenAI, "Images and vision"). */
const imageTokens = 765;

/** What of a request is prompt beside its items, as the client wrote it. */
export interface Prelude {
  readonly tools: readonly unknown[];
  /** The schema of the answer, which the vendor puts in front of the instructions; null: none. */
  readonly format: unknown;
}

/** Lists what the provider reads, in the order it hashes it: tools, the answer's schema, messages. */
export function promptOf(
  { tools, format }: Prelude,
  items: readonly Item[],
  countTokens: (text: string) => number,
): readonly PromptPart[] {
  const preludes = format === null ? tools : [...tools, format];
  return [
    ...preludes.map((part): PromptPart => {
      const content = JSON.stringify(part);
      const tokens = countTokens(content) + functionFraming;
      return { ...unmarked, level: 'tools', content, tokens };
    }),
    ...items.flatMap((item, index) => {
      const level = index < openingCount(items) ? 'system' : 'messages';
      return itemParts(item, { level, isEnd: endsMessage(items, index) }, countTokens);
    }),
  ];
}

/** Runs are Anthropic's: here a position is a message's end. */
const unmarked = { mark: null, run: null, cacheable: true, endsMessage: false } as const;

function itemParts(
  { role, pieces }: Item,
  { level, isEnd }: { readonly level: PromptPart['level']; readonly isEnd: boolean },
  countTokens: (text: string) => number,
): readonly PromptPart[] {
  return pieces.map(({ block, content, mark }, index): PromptPart => {
    const tokens = tokensOf(block, countTokens) + (index === 0 ? messageFraming : 0);
    return {
      ...unmarked,
      level,
      content: `${role}\n${content}`,
      tokens,
      mark,
      cacheable: content !== '' && block.type !== 'opaque',
      endsMessage: isEnd && index === pieces.length - 1,
    };
  });
}

/** Where an implicit breakpoint may stand: after user messages, groups of results, the opening instructions. */
function endsMessage(items: readonly Item[], index: number): boolean {
  switch (items[index]?.role) {
    case 'user':
      return true;
    case 'tool':
      return items[index + 1]?.role !== 'tool';
    case 'system':
      return index === openingCount(items) - 1;
    default:
      return false;
  }
}

function openingCount(items: readonly Item[]): number {
  const first = items.findIndex(({ role }) => role !== 'system');
  return first < 0 ? items.length : first;
}

function tokensOf(block: UserBlock | AssistantBlock, countTokens: (text: string) => number): number {
  switch (block.type) {
    case 'text':
    case 'tool-result':
      return countTokens(block.text);
    case 'tool-call':
      return countTokens(`${block.name} ${canonicalJson(block.input)}`);
    case 'opaque':
      return countTokens(thinkingOf(block.content));
    case 'image':
      return imageTokens;
  }
}

/** The thinking that an opaque block of the simulator carries. */
export function thinkingOf(content: Json): string {
  const thinking = isJsonObject(content) ? content['thinking'] : undefined;
  return typeof thinking === 'string' ? thinking : '';
}
