import type { Json } from '../../core/index.ts';

/** Reads a tool call's arguments: no text is no arguments, and what is not valid JSON stays as it is, raw. */
export function parsedArguments(text: string): Json {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}
