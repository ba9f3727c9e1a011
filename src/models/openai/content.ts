import { type CacheLife, type ImageBlock, isJsonObject, type Json } from '../../core/index.ts';
import type { CacheMarks } from '../wire/conversation.ts';

/** An image as both of OpenAI's wires take it. */
export function dataUrl({ mediaType, base64 }: ImageBlock): string {
  return `data:${mediaType};base64,${base64}`;
}

/** A tool call's arguments as text. Servers read them again, so what was no JSON object must go back as one. */
export function argumentsText(input: Json): string {
  return JSON.stringify(isJsonObject(input) ? input : { invalid_arguments: input });
}

/** Says whether a model takes explicit cache breakpoints: GPT-5.6 and later (OpenAI, "Prompt caching"). */
export function knowsBreakpoints(model: string): boolean {
  return /^gpt-(5\.[6-9]|[6-9])/.test(model);
}

/**
 * The cache marks that are worth a breakpoint. OpenAI sets one itself at the end of the last turn, and beside it
 * writes only the latest three: a short mark there would push another one out.
 */
export function breakpointMarks({ system, turns }: CacheMarks, turnsCount: number): CacheMarks {
  const kept = [...turns].filter(([position, life]) => position !== turnsCount - 1 || life === 'long');
  return { system, turns: new Map<number, CacheLife>(kept) };
}
