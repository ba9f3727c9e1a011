import { stripVTControlCharacters } from 'node:util';
import type { Place } from '../../core/index.ts';

/** Writes a whole number with its thousands apart. */
export function count(number: number): string {
  return number.toLocaleString('en-US');
}

/** Writes a count with its noun, in the plural where it must be. */
export function counted(number: number, noun: string): string {
  return `${count(number)} ${noun}${number === 1 ? '' : 's'}`;
}

/** Writes micro-USD as dollars, with as many digits as a small sum needs. */
export function dollars(microUsd: number | 'unknown'): string {
  if (microUsd === 'unknown') return 'unknown';
  if (microUsd === 0) return '$0';
  if (microUsd < 100) return '<$0.0001';
  const exact = (microUsd / 1_000_000).toFixed(microUsd < 1_000_000 ? 4 : 2);
  return `$${exact.replace(/(?<=\.\d\d)0+$/, '')}`;
}

/** Writes a span of time as a person says it. */
export function duration(ms: number): string {
  const seconds = ms / 1000;
  // Above it, the rounding would say 60.0 s.
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.max(60, Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${whole % 60} s`;
}

/** Writes a size in bytes. */
export function bytes(size: number): string {
  return counted(size, 'byte');
}

/** Makes text from models, files and teams fit for a line of a terminal: no escapes, no control characters. */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/\p{Cc}+/gu, ' ')
    .replace(/[\u200E\u200F\u202A-\u202E\u2066-\u2069]/g, '')
    .trim();
}

/** Names a place as `file:line`, or the file alone. */
export function placeText({ file, line }: Place): string {
  return line === undefined ? file : `${file}:${line}`;
}

/** How many columns of a terminal a text takes: East Asian characters and emoji take two, marks none. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += columnsOfCharacter(character);
  return columns;
}

/** Cuts a text to the columns there are; a cut shows as `…`. */
export function fitColumns(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let kept = '';
  let used = 1;
  for (const character of text) {
    used += columnsOfCharacter(character);
    if (used > columns) break;
    kept += character;
  }
  return columns < 1 ? '' : `${kept.trimEnd()}…`;
}

/** Makes a text exactly as wide as asked, unless it is wider already. */
export function padColumns(text: string, columns: number, side: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, columns - columnsOf(text)));
  return side === 'left' ? text + space : space + text;
}

const wide =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{20000}-\u{3FFFD}]|\p{Emoji_Presentation}/u;

function columnsOfCharacter(character: string): number {
  if (/[\p{Mn}\p{Me}\p{Cf}]/u.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}
