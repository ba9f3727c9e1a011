import type { Message } from '../../../core/index.ts';

/** Where a conversation stands: how often the model spoke, and what a user said last. */
export interface Standing {
  /** Replies of the model so far. */
  readonly turns: number;
  /** The last text of a user; tool results are none. Empty: there is none. */
  readonly lastText: string;
  /** Replies of the model since then. */
  readonly turnsSince: number;
}

/** Reads how far a conversation has come. A retried request stands where the first one stood. */
export function standingOf(messages: readonly Message[]): Standing {
  const texts = messages.map((message) => (message.role === 'user' ? textOf(message) : ''));
  const lastAt = texts.findLastIndex((text) => text !== '');
  const turnsFrom = (at: number) => messages.slice(at + 1).filter(({ role }) => role === 'assistant').length;
  return { turns: turnsFrom(-1), lastText: texts[lastAt] ?? '', turnsSince: turnsFrom(lastAt) };
}

function textOf({ blocks }: Message): string {
  return blocks.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n');
}
