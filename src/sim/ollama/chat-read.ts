import type { ImageBlock, ModelRequest, OutputSchema } from '../../core/index.ts';
import {
  type Item,
  type Piece,
  promptOf,
  readConversation,
  textPiece,
} from '../openai/request/conversation.ts';
import { callPiece, resultPiece, thinkingPiece } from '../openai/request/parts.ts';
import { toolEffectOf } from '../server/tool-effect.ts';
import type { Asked, SimModel, Simulation } from '../server/wire.ts';
import type { ChatBody, ChatMessage } from './chat-body.ts';

/** What a request of Ollama asks, without who asks it. */
export type Wanted = Pick<Asked, 'request' | 'prompt' | 'caching'>;

/** Reads a checked body. What does not fit into the context is left out, the oldest first. */
export function readChat(body: ChatBody, model: SimModel, simulation: Simulation): Wanted {
  const tools = body.tools ?? [];
  const promptFor = (kept: readonly Item[], offered: readonly unknown[]): Wanted['prompt'] =>
    promptOf({ tools: offered, format: null }, kept, (text) => simulation.countTokens(text));
  const contextTokens = Math.min(body.options?.num_ctx ?? model.contextTokensMax, model.contextTokensMax);
  const items = fitted(readItems(body.messages ?? []), contextTokens - sizeOf(promptFor([], tools)), (item) =>
    sizeOf(promptFor([item], [])),
  );
  return {
    request: requestOf(body, items, model),
    prompt: promptFor(items, tools),
    caching: noCaching,
  };
}

/** The server keeps what it has computed, and neither tells nor bills it. */
const noCaching = Object.freeze({
  automatic: null,
  salts: Object.freeze({ tools: '', system: '', messages: '' }),
  partition: '',
});

function sizeOf(prompt: Wanted['prompt']): number {
  return prompt.reduce((sum, { tokens }) => sum + tokens, 0);
}

/** Leaves the oldest messages out until the rest fits. Instructions and the newest message always stay. */
function fitted(items: readonly Item[], room: number, tokensOf: (item: Item) => number): readonly Item[] {
  const sizes = items.map(tokensOf);
  let excess = sizes.reduce((sum, size) => sum + size, 0) - room;
  return items.filter(({ role }, index) => {
    const stays = excess < 0 || role === 'system' || index === items.length - 1;
    if (!stays) excess -= sizes[index] ?? 0;
    return stays;
  });
}

function requestOf(body: ChatBody, items: readonly Item[], model: SimModel): ModelRequest {
  const limit = body.options?.num_predict ?? -1;
  const output = outputOf(body);
  const { think } = body;
  return {
    // One lane for all: whose request it is, no wire tells.
    lane: 'simulator',
    tools: (body.tools ?? []).map((tool) => {
      const { name, description, parameters } = tool.function;
      const purpose = description ?? '';
      return { name, purpose, inputSchema: parameters ?? {}, effect: toolEffectOf(name, purpose) };
    }),
    ...readConversation(items),
    // Below 0 there is no limit but the model's own.
    outputTokensMax: limit < 0 ? model.outputTokensMax : limit,
    ...(think === false ? { thinkingTokensMax: 0 } : {}),
    ...(typeof think === 'string' ? { effort: think } : {}),
    ...(output === null ? {} : { output }),
  };
}

function outputOf({ format }: ChatBody): OutputSchema | null {
  if (format === null || format === undefined || format === '') return null;
  return { name: 'format', schema: format === 'json' ? { type: 'object' } : format };
}

/** A call that waits for its result. */
interface OpenCall {
  readonly id: string;
  readonly name: string;
}

/** Results may name the call they answer, or its tool, or nothing: then they come in the order of the calls. */
function readItems(messages: readonly ChatMessage[]): readonly Item[] {
  const open: OpenCall[] = [];
  return messages.map((message, index): Item => {
    const { role, content } = message;
    if (role === 'tool') {
      const call = open.find((each) => answers(message, each)) ?? open[0];
      if (call !== undefined) open.splice(open.indexOf(call), 1);
      return { role, pieces: [resultPiece(call?.id ?? `call_${index}`, content ?? '', null)] };
    }
    const calls = (message.tool_calls ?? []).map(({ id, function: { name, arguments: input } }, place) => ({
      id: id ?? `call_${index}_${place}`,
      name,
      input: input ?? {},
    }));
    open.push(...calls);
    const pieces = [
      ...(message.thinking ? [thinkingPiece(message.thinking)] : []),
      ...(content ? [textPiece(content)] : []),
      ...(message.images ?? []).map(imagePiece),
      ...calls.map(({ id, name, input }) => callPiece(id, name, JSON.stringify(input))),
    ];
    return { role, pieces };
  });
}

function answers({ tool_call_id, tool_name }: ChatMessage, { id, name }: OpenCall): boolean {
  return tool_call_id ? tool_call_id === id : tool_name === name;
}

/** Pictures begin with bytes that tell what they are; of anything else a PNG is assumed. */
function imagePiece(base64: string): Piece {
  const starts: readonly (readonly [string, ImageBlock['mediaType']])[] = [
    ['/9j/', 'image/jpeg'],
    ['R0lGOD', 'image/gif'],
    ['UklGR', 'image/webp'],
  ];
  const mediaType = starts.find(([start]) => base64.startsWith(start))?.[1] ?? 'image/png';
  return { block: { type: 'image', mediaType, base64 }, content: base64, mark: null };
}
