import type { Json, ToolCallBlock } from '../../core/index.ts';
import type { Answer, Frame } from '../server/wire.ts';
import { thinkingOf } from './request/conversation.ts';

/** An answer sorted by kind, as these wires tell it. */
export interface Told {
  readonly thinking: string;
  readonly text: string;
  /** Told instead of the text. */
  readonly refusal: string | null;
  readonly calls: readonly ToldCall[];
}

/** A tool call with its arguments as JSON text. */
export interface ToldCall {
  readonly id: string;
  readonly name: string;
  readonly input: Json;
  readonly argumentsText: string;
}

/** Sorts an answer. A refusal that says nothing gets the vendor's usual sentence. */
export function toldOf({ reply, refusal, breaksArguments }: Answer): Told {
  const text = reply.blocks.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n\n');
  const thoughts = reply.blocks.flatMap((block) =>
    block.type === 'opaque' ? [thinkingOf(block.content)] : [],
  );
  const isRefused = refusal !== null || reply.stop === 'refused';
  return {
    thinking: thoughts.join('\n\n'),
    text: isRefused ? '' : text,
    refusal: isRefused ? text || "I'm sorry, but I can't help with that." : null,
    calls: reply.blocks.flatMap((block) =>
      block.type === 'tool-call' ? [toldCall(block, breaksArguments)] : [],
    ),
  };
}

/** Broken arguments lack their end, as those of a model that lost its thread do. */
function toldCall({ id, name, input }: ToolCallBlock, breaks: boolean): ToldCall {
  const whole = typeof input === 'string' ? input : JSON.stringify(input);
  return { id, name, input, argumentsText: breaks ? whole.slice(0, Math.ceil(whole.length / 2)) : whole };
}

/** Cuts a text into pieces of about three words, as streams tell it; joined they are the text. */
export function streamPieces(text: string): readonly string[] {
  return text.match(/(?:\s*\S{1,16}){1,3}|\s+/gu) ?? [];
}

/** A frame before it is known how long it takes, and what it carries. */
export interface Draft {
  readonly text: string;
  /** `output`: a piece of what the model made; `usage`: what the whole answer used. */
  readonly carries: 'framing' | 'output' | 'usage';
}

/** Makes frames of drafts. Thinking takes its time before the first; the rest of the output is spread evenly. */
export function framesOf(drafts: readonly Draft[], { usage }: Answer): readonly Frame[] {
  const pieces = drafts.filter(({ carries }) => carries === 'output').length;
  const shareOf = (count: number): number => Math.round((usage.outputTokens * count) / Math.max(1, pieces));
  let told = 0;
  return drafts.map(({ text, carries }, index): Frame => {
    const before = shareOf(told);
    if (carries === 'output') told += 1;
    const tokens = shareOf(told) - before + (index === 0 ? usage.reasoningTokens : 0);
    return { text, tokens, ...(carries === 'usage' ? { reports: usage } : {}) };
  });
}

/** Writes one server-sent event without a name, as Chat Completions does. */
export function dataEvent(data: Json): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}
