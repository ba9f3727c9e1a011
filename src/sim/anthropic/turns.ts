import type { ContentBlock, PromptBody } from './message-body.ts';

/** What one side says: neighbouring messages of the same role are one turn. */
export interface Turn {
  readonly role: 'user' | 'assistant' | 'system';
  readonly blocks: readonly PlacedBlock[];
  /** Index of its first message. */
  readonly message: number;
}

/** A block and where it stands: `messages.0.content.1`. */
export interface PlacedBlock {
  readonly block: ContentBlock;
  readonly place: string;
}

/** Reads messages into turns; text given as a string is a block like any other. */
export function turnsOf({ messages }: Pick<PromptBody, 'messages'>): readonly Turn[] {
  const turns: Turn[] = [];
  for (const [message, { role, content }] of messages.entries()) {
    const blocks = blocksOf(content).map((block, at) => ({
      block,
      place: `messages.${message}.content.${at}`,
    }));
    const last = turns.at(-1);
    if (last?.role !== role) turns.push({ role, blocks, message });
    else turns[turns.length - 1] = { ...last, blocks: [...last.blocks, ...blocks] };
  }
  return turns;
}

/** The system prompt as blocks. */
export function systemBlocksOf({ system }: Pick<PromptBody, 'system'>): readonly SystemBlockBody[] {
  if (typeof system === 'string') return system === '' ? [] : [{ type: 'text', text: system }];
  return system ?? [];
}

/** One block of a system prompt. */
export type SystemBlockBody = Extract<ContentBlock, { readonly type: 'text' }>;

function blocksOf(content: PromptBody['messages'][number]['content']): readonly ContentBlock[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content;
}
