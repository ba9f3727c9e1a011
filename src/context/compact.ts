import {
  type AssistantBlock,
  hashBytes,
  type Message,
  type ToolCallBlock,
  type UserBlock,
} from '../core/index.ts';
import type { Pins } from './pins.ts';

/** A conversation in three parts: the first message, turns that may be summed up, and turns that stay as they are. */
export interface CutLane {
  readonly task: Message;
  readonly old: readonly Message[];
  /** Begins with a reply of the model, so that every tool result has its call. */
  readonly kept: readonly Message[];
}

/** How many turns a conversation has: replies of the model, each with what answered it. */
export function turnsIn(messages: readonly Message[]): number {
  return messages.filter(({ role }) => role === 'assistant').length;
}

/** Cuts a conversation before its last `turns` turns; null where nothing stands before them. */
export function cutLane(messages: readonly Message[], turns: number): CutLane | null {
  const [task, ...rest] = messages;
  const starts = rest.flatMap(({ role }, index) => (role === 'assistant' ? [index] : []));
  const start = starts.at(-turns);
  if (task === undefined || start === undefined || start === 0 || starts.length <= turns) return null;
  return { task, old: rest.slice(0, start), kept: rest.slice(start) };
}

/** A tool result that is worth a file of its own. */
export interface MovedResult {
  /** Of the tool call. */
  readonly id: string;
  readonly path: string;
  readonly text: string;
  /** True where the file is written for it; false where it was read from that file. */
  readonly isCopy: boolean;
  /** The line that takes its place: where it is, how much it is, how to read it. */
  readonly pointer: string;
}

/** About 500 tokens: below that a line that points to a file, and reading it again, cost as much as they save. */
const movedCharactersMin = 2_000;

/** Finds the big tool results among old turns. The path is made of the content, so moving it again moves nothing. */
export function bigResults(old: readonly Message[], folder: string): readonly MovedResult[] {
  return old.flatMap(({ blocks }) =>
    blocks.flatMap((block) => {
      if (block.type !== 'tool-result' || block.text.length < movedCharactersMin) return [];
      const { id, text } = block;
      const path = copyPath(text, folder);
      const pointer = `[${text.length} characters that stood here are in ${path} now. Read that file with read_file if you need them again.]`;
      return [{ id, path, text, isCopy: true, pointer }];
    }),
  );
}

/**
 * Finds big tool results that the model has not seen yet, the largest first.
 * They are those of the newest turn. What was read from a file is there to be read again; everything else needs the folder, if there is one.
 */
export function bigUnseenResults(
  messages: readonly Message[],
  folder: string | null,
): readonly MovedResult[] {
  const calls = (messages.at(-2)?.blocks ?? []).filter((block) => block.type === 'tool-call');
  const found = (messages.at(-1)?.blocks ?? []).flatMap((block): readonly MovedResult[] => {
    if (block.type !== 'tool-result' || block.failed || block.text.length < movedCharactersMin) return [];
    const { id, text } = block;
    const source = sourcePath(calls.find((call) => call.id === id));
    const path = source ?? (folder === null ? null : copyPath(text, folder));
    if (path === null) return [];
    const pointer = `[${text.length} characters of ${path} did not fit here. Read it alone, in parts: read_file with offset and limit.]`;
    return [{ id, path, text, isCopy: source === null, pointer }];
  });
  return found.toSorted((one, other) => other.text.length - one.text.length);
}

function copyPath(text: string, folder: string): string {
  return `${folder}${hashBytes(text).slice(0, 12)}.txt`;
}

function sourcePath(call: ToolCallBlock | undefined): string | null {
  if (call?.name !== 'read_file' || typeof call.input !== 'object' || call.input === null) return null;
  const path = 'path' in call.input ? call.input.path : null;
  return typeof path === 'string' ? path : null;
}

/** Puts its pointer in the place of each result that was moved. */
export function withPointers(
  messages: readonly Message[],
  moved: readonly MovedResult[],
): readonly Message[] {
  const byId = new Map(moved.map((result) => [result.id, result]));
  return messages.map((message) => {
    if (message.role === 'assistant') return message;
    const blocks = message.blocks.map((block): UserBlock => {
      const result = block.type === 'tool-result' ? byId.get(block.id) : undefined;
      // An id may come again in a later turn: only the text that was moved is replaced.
      if (block.type !== 'tool-result' || result?.text !== block.text) return block;
      return { ...block, text: result.pointer };
    });
    return blocks.some((block, index) => block !== message.blocks[index])
      ? { role: 'user', blocks }
      : message;
  });
}

/**
 * Drops signed thinking, which Anthropic binds to the conversation it was thought in: behind an edit it is refused.
 * Other providers want theirs back as long as the turn stands.
 */
export function withoutBoundThinking(messages: readonly Message[]): readonly Message[] {
  const isBound = (block: AssistantBlock): boolean =>
    block.type === 'opaque' && block.provider === 'anthropic';
  return messages.map((message) => {
    if (message.role === 'user' || !message.blocks.some(isBound)) return message;
    const blocks = message.blocks.filter((block) => !isBound(block));
    return { role: 'assistant', blocks: blocks.length > 0 ? blocks : [{ type: 'text', text: '(thinking)' }] };
  });
}

/** Asks for a summary of all that was said before it. `missing`: what an earlier summary had left out. */
export function summaryQuestion(pins: Pins, missing: readonly string[]): Message {
  const parts = [
    'The conversation has grown too long. Sum up everything said after your task, for yourself: your summary takes its place. ' +
      'Call no tool; answer with the summary alone, in at most 600 words: what was done, what was found, what was decided and why, what is left to do.',
    ...listed('Name these exactly as they stand here:', namesOf(pins)),
    ...listed('These stay word for word, you need not repeat them:', [
      ...pins.constraints,
      ...pins.plan,
      ...pins.questions,
    ]),
    ...listed('An earlier summary was refused because it had lost these. Do not lose them again:', missing),
  ];
  return { role: 'user', blocks: [{ type: 'text', text: parts.join('\n\n') }] };
}

/** Writes the message that takes the place of old turns: what is pinned, the summary, and what the summary had lost. */
export function summaryMessage(pins: Pins, summary: string, lost: readonly string[]): Message {
  const parts = [
    'Earlier turns of this conversation were summed up to save room. Your task above still holds in full.',
    ...listed('What was said and still binds, word for word:', pins.constraints),
    ...listed('The plan, word for word:', pins.plan),
    ...listed('Questions that were asked:', pins.questions),
    `Summary:\n${summary.trim()}`,
    ...listed('Also to be kept in mind:', lost),
  ];
  return { role: 'user', blocks: [{ type: 'text', text: parts.join('\n\n') }] };
}

/** Finds what a new conversation no longer says, of all that is pinned. */
export function lostPins(pins: Pins, messages: readonly Message[]): readonly string[] {
  const said = messages.flatMap(({ blocks }) => blocks.flatMap(saidIn)).join('\n');
  const all = [...pins.constraints, ...pins.plan, ...pins.questions, ...namesOf(pins)];
  return all.filter((item) => !said.includes(item));
}

function namesOf({ paths, identifiers }: Pins): readonly string[] {
  return [...new Set([...paths, ...identifiers])];
}

function listed(title: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [] : [`${title}\n${items.map((item) => `- ${item}`).join('\n')}`];
}

function saidIn(block: UserBlock | AssistantBlock): readonly string[] {
  if (block.type === 'text' || block.type === 'tool-result') return [block.text];
  return block.type === 'tool-call' ? stringsIn(block.input) : [];
}

function stringsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}
