import type { CacheWish, PromptPart } from '../server/wire.ts';
import { isCacheable, lifeOf, markOf } from './breakpoints.ts';
import type { ContentBlock, PromptBody, ToolBody } from './message-body.ts';
import type { ModelRules } from './model-rules.ts';
import { spokenText } from './read-request.ts';
import { thinkingModeOf } from './thinking-mode.ts';
import { systemBlocksOf, type Turn, turnsOf } from './turns.ts';

/** How a prompt is counted. */
export interface Counting {
  readonly rules: ModelRules;
  countTokens(text: string): number;
}

/**
 * Reads a body as what the provider hashes and bills, in its order: tools, system, messages.
 * The tokens of a request are always the plain sum of its parts.
 */
export function readPrompt(body: PromptBody, counting: Counting): readonly PromptPart[] {
  const turns = turnsOf(body);
  const tools = body.tools ?? [];
  return [
    ...tools.map((tool, at) => toolPart(tool, at === 0 ? counting.rules.toolPromptTokens : 0, counting)),
    ...systemBlocksOf(body).map((block) =>
      part('system', block, counting.countTokens(block.text) + systemFraming),
    ),
    ...turns.flatMap((turn, at) => turnParts(turn, at, { turns, counting })),
  ];
}

/** Reads what a request wants of the prompt cache. Salts make equal prompts differ for it. */
export function readCaching(
  body: PromptBody & { readonly speed?: string | null | undefined },
  rules: ModelRules,
  partition: string,
): CacheWish {
  const { type, tokensMax, effort } = thinkingModeOf(body, rules);
  const hasImages = turnsOf(body).some(({ blocks }) => blocks.some(({ block }) => holdsImage(block)));
  return {
    automatic: lifeOf(body.cache_control),
    salts: {
      tools: JSON.stringify(body.output_config?.format ?? null),
      system: JSON.stringify(body.speed ?? 'standard'),
      messages: JSON.stringify([body.tool_choice ?? { type: 'auto' }, type, tokensMax, effort, hasImages]),
    },
    partition,
  };
}

/** Together with the framing of a turn's start: a single user message costs 7 more than its text (ctoc report). */
const requestFraming = 3;
const turnFraming = 4;
/** System blocks and calls are set apart by about as much as turns are. */
const systemFraming = 4;
const callFraming = 4;

/** What a picture costs at most, about 1.15 megapixels (Anthropic, "Vision"); its size is not looked at. */
const imageTokens = 1_600;

/** A page with text costs 1,500 to 3,000 (Anthropic, "PDF support"); a document that is no text counts as one. */
const documentTokens = 2_250;

function toolPart(tool: ToolBody, promptTokens: number, { countTokens }: Counting): PromptPart {
  const { cache_control, ...told } = tool;
  const content = JSON.stringify(told);
  return {
    level: 'tools',
    content,
    tokens: countTokens(content) + promptTokens,
    mark: lifeOf(cache_control),
    run: null,
    cacheable: true,
    endsMessage: false,
  };
}

interface Conversation {
  readonly turns: readonly Turn[];
  readonly counting: Counting;
}

function turnParts(turn: Turn, at: number, { turns, counting }: Conversation): readonly PromptPart[] {
  const kept = turn.blocks
    .map(({ block }) => block)
    .filter((block) => !isThinking(block) || keepsThinking(at, turns, counting.rules));
  return kept.map((block, position) => {
    const start = position > 0 ? 0 : turnFraming + (at === 0 ? requestFraming : 0);
    const made = part('messages', block, tokensOf(block, counting) + start);
    return { ...made, content: `${turn.role} ${made.content}`, endsMessage: position === kept.length - 1 };
  });
}

function part(level: PromptPart['level'], block: ContentBlock, tokens: number): PromptPart {
  return {
    level,
    content: JSON.stringify(withoutMarks(block)),
    tokens,
    mark: markOf(block),
    run: block.type === 'tool_use' || block.type === 'tool_result' ? block.type : null,
    cacheable: isCacheable(block),
    endsMessage: false,
  };
}

/** Marks are not hashed, wherever they stand. */
function withoutMarks(block: ContentBlock): object {
  const { cache_control: _, ...told } = { cache_control: null, ...block };
  if (block.type !== 'tool_result' || !Array.isArray(block.content)) return told;
  return { ...told, content: block.content.map(withoutMarks) };
}

function isThinking({ type }: ContentBlock): boolean {
  return type === 'thinking' || type === 'redacted_thinking';
}

/** Some models leave thinking out once the user has said something new since. */
function keepsThinking(at: number, turns: readonly Turn[], { dropsOldThinking }: ModelRules): boolean {
  if (!dropsOldThinking) return true;
  return !turns
    .slice(at + 1)
    .some(({ role, blocks }) => role === 'user' && blocks.some(({ block }) => block.type !== 'tool_result'));
}

function tokensOf(block: ContentBlock, { countTokens }: Counting): number {
  const text = countTokens(spokenText(block));
  switch (block.type) {
    case 'image':
      return imageTokens;
    case 'document':
      return block.source.type === 'text' || block.source.type === 'content' ? text : documentTokens;
    case 'tool_use':
      return text + callFraming;
    case 'tool_result':
      return text + callFraming + imageTokens * imagesIn(block);
    default:
      return text;
  }
}

function holdsImage(block: ContentBlock): boolean {
  return block.type === 'image' || (block.type === 'tool_result' && imagesIn(block) > 0);
}

function imagesIn({ content }: Extract<ContentBlock, { readonly type: 'tool_result' }>): number {
  return Array.isArray(content) ? content.filter(({ type }) => type === 'image').length : 0;
}
