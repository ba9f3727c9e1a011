import { type AssistantBlock, type CountTokens, canonicalJson, isJsonObject } from '../../../core/index.ts';
import type { BrainReply } from './brain.ts';
import { headOfTokens } from './head-of-tokens.ts';

/** A reply no longer than it may be, and what making it took. */
export interface MeasuredReply {
  readonly reply: BrainReply;
  /** All output but thinking. */
  readonly outputTokens: number;
  readonly reasoningTokens: number;
}

/** Where an answer must stop, and what is said of it then. */
export interface ReplyLimit {
  readonly tokensMax: number;
  readonly stop: 'output-limit' | 'context-full';
  readonly countTokens: CountTokens;
}

/** Cuts a reply where a provider would have stopped, thinking included. A tool call is made whole or not at all. */
export function measureReply(reply: BrainReply, { tokensMax, stop, countTokens }: ReplyLimit): MeasuredReply {
  const blocks: AssistantBlock[] = [];
  let outputTokens = 0;
  let reasoningTokens = 0;
  for (const whole of reply.blocks) {
    const block = cutBlock(whole, tokensMax - outputTokens - reasoningTokens, countTokens);
    if (block !== null) {
      blocks.push(block);
      const tokens = countTokens(wordsOf(block));
      if (block.type === 'opaque') reasoningTokens += tokens;
      else outputTokens += tokens;
    }
    if (block !== whole) return { reply: { blocks, stop }, outputTokens, reasoningTokens };
  }
  return { reply: { blocks, stop: reply.stop }, outputTokens, reasoningTokens };
}

/** The block itself where it fits, its head where a part fits, null where nothing does. */
function cutBlock(block: AssistantBlock, tokensMax: number, countTokens: CountTokens): AssistantBlock | null {
  const words = wordsOf(block);
  if (countTokens(words) <= tokensMax) return block;
  if (block.type === 'tool-call') return null;
  const head = headOfTokens(words, tokensMax, countTokens);
  if (head === '') return null;
  return block.type === 'text' ? { ...block, text: head } : { ...block, content: { thinking: head } };
}

/** What of a block is made of tokens. */
function wordsOf(block: AssistantBlock): string {
  switch (block.type) {
    case 'text':
      return block.text;
    case 'tool-call':
      return `${block.name} ${canonicalJson(block.input)}`;
    case 'opaque':
      return isJsonObject(block.content) && typeof block.content['thinking'] === 'string'
        ? block.content['thinking']
        : canonicalJson(block.content);
  }
}
