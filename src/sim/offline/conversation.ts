import type { Json, Message } from '../../core/index.ts';

/** A conversation as the offline model sees it: what it was asked, what it did, what came of it. */
export interface Conversation {
  /** The first user message: the task. */
  readonly task: string;
  /** What users said later, oldest first. */
  readonly followUps: readonly FollowUp[];
  readonly calls: readonly PastCall[];
}

/** Something a user said after the task, and where in the conversation. */
export interface FollowUp {
  readonly text: string;
  /** Index of its message. */
  readonly at: number;
}

/** A call the model made, and its answer. */
export interface PastCall {
  readonly name: string;
  readonly input: Json;
  /** Null while no answer is there. */
  readonly answer: { readonly text: string; readonly failed: boolean } | null;
  /** Index of the message that made the call. */
  readonly at: number;
}

/** Reads messages into a task, what was done about it, and what was said since. */
export function readConversation(messages: readonly Message[]): Conversation {
  const answers = new Map(
    messages.flatMap(({ blocks }) =>
      blocks.flatMap((block) => (block.type === 'tool-result' ? [[block.id, block] as const] : [])),
    ),
  );
  const said = messages.flatMap((message, at) => {
    const text = message.role === 'user' ? spokenText(message) : '';
    return text.trim() === '' ? [] : [{ text, at }];
  });
  const calls = messages.flatMap(({ blocks }, at) =>
    blocks.flatMap((block) =>
      block.type === 'tool-call'
        ? [{ name: block.name, input: block.input, answer: answers.get(block.id) ?? null, at }]
        : [],
    ),
  );
  return { task: said[0]?.text ?? '', followUps: said.slice(1), calls };
}

function spokenText({ blocks }: Message): string {
  return blocks.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n\n');
}
