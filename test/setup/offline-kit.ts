import type {
  JsonSchema,
  Message,
  ModelEnd,
  ModelEvent,
  ModelRequest,
  Reply,
  ToolCallBlock,
  ToolDefinition,
  ToolEffect,
  ToolResultBlock,
} from '../../src/core/index.ts';
import { offlineModel } from '../../src/sim/index.ts';

/** The model under test, with a count of tokens that anyone can check. */
export const model = offlineModel({ countTokens: (text) => Math.ceil(text.length / 4) });

/** The tools that a member with files has. */
export const fileTools: readonly ToolDefinition[] = [
  tool('list_files', 'read', { path: { type: 'string' } }),
  tool('read_file', 'read', { path: { type: 'string' }, offset: { type: 'integer' } }),
  tool('write_file', 'write', { path: { type: 'string' }, content: { type: 'string' } }),
];

/** Describes a tool whose properties are all required. */
export function tool(name: string, effect: ToolEffect, properties: JsonSchema = {}): ToolDefinition {
  const inputSchema = { type: 'object', properties, required: Object.keys(properties) };
  return { name, purpose: `Does ${name}.`, effect, inputSchema };
}

/** Writes a member's first message as the protocol has it. */
export function taskFor(reads: readonly string[], write: string, heading = 'Write'): string {
  const list = reads.map((path) => `- ${path}`).join('\n');
  return `Your task for this job.\n\nRead:\n${list}\n\n${heading}:\n- ${write}\n\nWrite it, then answer with one sentence.`;
}

/** Makes a request; what a test does not say is empty. */
export function requestOf(
  parts: Partial<ModelRequest> & { readonly task?: string; readonly prompt?: string },
): ModelRequest {
  const { task = '', prompt = '', ...given } = parts;
  return {
    lane: 'lane',
    tools: fileTools,
    system: [{ id: 'prompt:member', stability: 'release', text: prompt }],
    messages: [userSays(task)],
    outputTokensMax: 8_000,
    ...given,
  };
}

/** A user's message of text. */
export function userSays(text: string): Message {
  return { role: 'user', blocks: [{ type: 'text', text }] };
}

/** Collects a whole stream. */
export async function events(
  request: ModelRequest,
  signal = new AbortController().signal,
): Promise<readonly ModelEvent[]> {
  return await Array.fromAsync(model.stream(request, signal));
}

/** How the call ended. */
export async function endOf(request: ModelRequest): Promise<ModelEnd> {
  const last = (await events(request)).at(-1);
  if (last?.type !== 'end') throw new Error('The stream did not end with its end');
  return last.end;
}

/** The reply of a call that must not fail. */
export async function replyOf(request: ModelRequest): Promise<Reply> {
  const end = await endOf(request);
  if (end.type !== 'reply') throw new Error(end.failure.message);
  return end.reply;
}

/** The text of a reply. */
export function textOf({ blocks }: Reply): string {
  return blocks.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('');
}

/** The calls of a reply. */
export function callsOf({ blocks }: Reply): readonly ToolCallBlock[] {
  return blocks.filter((block) => block.type === 'tool-call');
}

/** A tool's answer: text, or a failure. */
export type Answer = string | { readonly failed: string };

/** What came of a conversation that went on until the model called no more tools. */
export interface Walk {
  readonly said: string;
  /** The calls of each turn. */
  readonly turns: readonly (readonly ToolCallBlock[])[];
  readonly messages: readonly Message[];
}

/** Answers the model's calls until it stops calling. */
export async function walk(
  request: ModelRequest,
  answer: (call: ToolCallBlock) => Answer | Promise<Answer>,
): Promise<Walk> {
  const turns: (readonly ToolCallBlock[])[] = [];
  let messages = request.messages;
  for (let turn = 0; turn < 20; turn += 1) {
    const reply = await replyOf({ ...request, messages });
    const calls = callsOf(reply);
    messages = [...messages, { role: 'assistant', blocks: reply.blocks }];
    if (calls.length === 0) return { said: textOf(reply), turns, messages };
    turns.push(calls);
    const answers = await Promise.all(calls.map(async (call) => await answer(call)));
    const results = calls.map(({ id }, index) => resultOf(id, answers[index] ?? ''));
    messages = [...messages, { role: 'user', blocks: results }];
  }
  throw new Error('The model never stopped calling tools');
}

function resultOf(id: string, answer: Answer): ToolResultBlock {
  if (typeof answer === 'string') return { type: 'tool-result', id, text: answer, failed: false };
  return { type: 'tool-result', id, text: answer.failed, failed: true };
}

/** Answers reads from a table of files, and says yes to everything else. */
export function fromFiles(files: Readonly<Record<string, string>>): (call: ToolCallBlock) => Answer {
  return ({ name, input }) => {
    if (name !== 'read_file') return 'ok';
    return files[String(inputOf({ input }, 'path'))] ?? { failed: 'There is no such file.' };
  };
}

/** One argument of a call. */
export function inputOf({ input }: Pick<ToolCallBlock, 'input'>, name: string): unknown {
  return typeof input === 'object' && input !== null
    ? (input as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

/** The content of the last file written in a walk. */
export function writtenIn({ turns }: Walk): string {
  const writes = turns.flat().filter(({ name }) => name === 'write_file');
  const last = writes.at(-1);
  return last === undefined ? '' : String(inputOf(last, 'content'));
}
