import { isJsonObject, type Json } from '../../core/index.ts';

/** How compatible servers send reasoning. */
export interface ReasoningDelta {
  /** DeepSeek, vLLM, llama.cpp, SGLang. */
  readonly reasoning_content?: string | null;
  /** Ollama, OpenRouter. */
  readonly reasoning?: string | null;
  /** OpenRouter: what must go back unchanged. */
  readonly reasoning_details?: readonly Json[] | null;
}

/** Puts reasoning together from its pieces. */
export interface Reasoning {
  /** Gives the text that is new. */
  accept(delta: ReasoningDelta): string;
  said(): string;
  /** What goes back with the reply, under the name it came by; empty where nothing was thought. */
  extras(): { readonly [key: string]: Json };
}

/** Starts with nothing. */
export function createReasoning(): Reasoning {
  const details: Json[] = [];
  let text = '';
  let field: 'reasoning' | 'reasoning_content' = 'reasoning_content';
  return {
    accept(delta) {
      const thought = delta.reasoning_content ?? delta.reasoning ?? '';
      if (typeof delta.reasoning_content !== 'string' && thought !== '') field = 'reasoning';
      details.push(...(delta.reasoning_details ?? []));
      text += thought;
      return thought;
    },
    said: () => text,
    extras() {
      if (details.length > 0) return { reasoning_details: joinedDetails(details) };
      return text === '' ? {} : { [field]: text };
    },
  };
}

/**
 * Joins the pieces of OpenRouter's `reasoning_details` into the whole blocks that must go back.
 * Neighbours of one type and index are one block; its texts are strung together, of anything else the last stands.
 */
function joinedDetails(pieces: readonly Json[]): readonly Json[] {
  const blocks: Json[] = [];
  for (const piece of pieces) {
    const before = blocks.at(-1);
    if (isJsonObject(before) && isJsonObject(piece) && isSameBlock(before, piece))
      blocks[blocks.length - 1] = joined(before, piece);
    else blocks.push(piece);
  }
  return blocks;
}

type JsonObject = { readonly [key: string]: Json };

function isSameBlock(a: JsonObject, b: JsonObject): boolean {
  return a['type'] === b['type'] && a['index'] === b['index'] && a['index'] !== undefined;
}

const strung = ['text', 'summary', 'data'] as const;

function joined(a: JsonObject, b: JsonObject): JsonObject {
  const told = Object.entries(b).filter(([, value]) => value !== null);
  const texts = strung.flatMap((key) =>
    typeof a[key] === 'string' && typeof b[key] === 'string' ? [[key, a[key] + b[key]] as const] : [],
  );
  return { ...a, ...Object.fromEntries(told), ...Object.fromEntries(texts) };
}
