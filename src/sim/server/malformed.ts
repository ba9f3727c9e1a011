import type { Frame } from './wire.ts';

/** Breaks JSON so that nobody can parse it: its last bracket is missing. */
export function brokenJson(text: string): string {
  const at = text.lastIndexOf('}');
  return at === -1 ? text.slice(0, -1) : text.slice(0, at) + text.slice(at + 1);
}

/** So many frames as they are, and the next one that says something broken. It reports nothing: nobody can read it. */
export function brokenFrames(frames: readonly Frame[], whole: number): readonly Frame[] {
  const told = frames.slice(0, whole);
  const rest = frames.slice(whole).filter(({ text }) => text.includes('}'));
  const next = rest.find(({ tokens }) => tokens > 0) ?? rest[0];
  return next === undefined ? told : [...told, { text: brokenJson(next.text), tokens: next.tokens }];
}
