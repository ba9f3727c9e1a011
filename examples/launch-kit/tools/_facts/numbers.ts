import { gluedScripts } from './normal-text.ts';
import { currencyCodes, currencySigns, magnitudeOf, unitOf } from './units.ts';

/** A number with what stands around it: `$1,000`, `20 ms`, `1.5M`, `40 %`. */
export interface Quantity {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** What the digits can mean, as plain decimals: `1.000` is both `1000` and `1`. */
  readonly values: readonly string[];
  /** Where spaces group the digits, also each group: `top 10 100` may be two numbers. */
  readonly pieces: readonly string[];
  /** In one spelling for all languages; null when the number only counts something. */
  readonly unit: string | null;
  readonly magnitude: number;
}

/**
 * Reads every number of a text. Digits inside a name (`p95`, `3D`, `1.2.3`) are no numbers and are left out;
 * the two ends of a range lend each other the unit that only one of them carries.
 */
export function readQuantities(text: string): readonly Quantity[] {
  const found: Quantity[] = [];
  for (const match of text.matchAll(corePattern)) {
    const quantity = readQuantity(text, match);
    if (quantity === null) continue;
    const previous = found.at(-1);
    if (previous !== undefined && isRange(text.slice(previous.end, quantity.start))) {
      found[found.length - 1] = lend(previous, quantity);
      found.push(lend(quantity, previous));
    } else found.push(quantity);
  }
  return found;
}

/** Says whether what stands between two numbers makes a range of them. */
export function isRange(between: string): boolean {
  return between.length <= 8 && rangePattern.test(between);
}

/** Says whether digits glued to letters are a number with a unit (`10ms`, `5k`, `1st`), not a name (`3D`). */
export function isQuantity(word: string): boolean {
  const [quantity] = readQuantities(word);
  return quantity !== undefined && quantity.start === 0 && quantity.end === word.length;
}

/** Groups of three (1,000 · 1.000 · 1 000 · 1'000), Indian groups (1,00,000), or plain digits with at most one mark. */
const core =
  "\\d{1,3}(?<group>[,.' _])\\d{3}(?:\\k<group>\\d{3}){0,8}(?:[.,]\\d+)?(?!\\d)|\\d{1,2}(?:,\\d{2}){1,8},\\d{3}(?!\\d)|\\d+(?:[.,]\\d+){0,8}";
const corePattern = new RegExp(
  `(?=\\d)(?<![\\p{Script=Latin}\\p{Script=Cyrillic}\\p{Script=Greek}_\\d^]|\\d[.,])(?:${core})`,
  'gu',
);
/** A currency sign may touch a word before it, a code must stand alone. */
const markPattern = new RegExp(`(?:(?<!\\p{L})(?:${currencyCodes}) ?|(?:${currencySigns}) ?)$`, 'u');
const wordPattern = new RegExp(
  `( |-)?(%|‰|US\\$|R\\$|[$€£¥₹₩₽¢×]|°[CF]|[\\p{Script=Latin}\\p{Script=Cyrillic}μ]+|[${gluedScripts}ー]{1,6})`,
  'uy',
);
const gluedPattern = new RegExp(`^[${gluedScripts}]`, 'u');
const rangePattern = /^ ?(?:-|–|—|~|〜|to|bis|à|до|至|到|から|~) ?$/iu;

function readQuantity(text: string, match: RegExpExecArray): Quantity | null {
  const [digits] = match;
  const bases = readings(digits);
  const tail = bases.length === 0 ? null : readTail(text, match.index + digits.length);
  if (tail === null) return null;
  const mark = markPattern.exec(text.slice(Math.max(0, match.index - 4), match.index))?.[0] ?? '';
  const start = match.index - mark.length;
  return {
    text: text.slice(start, tail.end),
    start,
    end: tail.end,
    values: bases.map((base) => multiplied(base, tail.magnitude)),
    pieces: digits.includes(' ') ? digits.split(' ').map(trimmed) : [],
    unit: unitOf(mark.trim()) ?? tail.unit,
    magnitude: tail.magnitude,
  };
}

interface Tail {
  readonly end: number;
  readonly magnitude: number;
  readonly unit: string | null;
}

/** Reads what follows the digits; null when letters are glued to them that make a name of it. */
function readTail(text: string, end: number): Tail | null {
  const first = readWord(text, end);
  if (first === null) return { end, magnitude: 1, unit: null };
  const magnitude = magnitudeOf(first.word);
  if (magnitude !== null && !(first.apart && first.word.length === 1 && first.word !== 'M')) {
    const second = readWord(text, first.end);
    const unit = second === null ? null : unitOf(second.word);
    return unit === null || second === null
      ? { end: first.end, magnitude, unit: null }
      : { end: second.end, magnitude, unit };
  }
  const unit = unitOf(first.word);
  if (unit !== null) return { end: first.end, magnitude: 1, unit };
  const glued = !first.apart && /^[\p{Script=Latin}\p{Script=Cyrillic}]/u.test(first.word);
  if (!glued) return { end, magnitude: 1, unit: null };
  return /^(?:st|nd|rd|th|er|e|º|ª)$/i.test(first.word) ? { end: first.end, magnitude: 1, unit: null } : null;
}

interface Word {
  readonly word: string;
  readonly end: number;
  /** True when a space or hyphen stands between it and the number. */
  readonly apart: boolean;
}

function readWord(text: string, from: number): Word | null {
  wordPattern.lastIndex = from;
  const match = wordPattern.exec(text);
  if (match === null) return null;
  const [, gap, whole = ''] = match;
  const start = from + (gap?.length ?? 0);
  const word = isGlued(whole) ? knownPrefix(whole) : whole;
  const after = text[start + word.length] ?? '';
  if (/[\d_]/.test(after) && /[\p{L}]$/u.test(word) && !isGlued(word)) {
    // `10x5` and `3B2` are names; a word that stands apart is simply not ours to read.
    return gap === undefined ? { word: `${word}${after}`, end: start + word.length, apart: false } : null;
  }
  return { word, end: start + word.length, apart: gap !== undefined };
}

function isGlued(word: string): boolean {
  return gluedPattern.test(word);
}

/** Chinese writes `5分钟内` without spaces: the unit is the longest known word at the front. */
function knownPrefix(text: string): string {
  for (let length = Math.min(6, text.length); length > 0; length -= 1) {
    const word = text.slice(0, length);
    if (unitOf(word) !== null || magnitudeOf(word) !== null) return word;
  }
  return text.slice(0, 1);
}

/** Lists what digits with marks can mean; nothing when they are a version or an address. */
function readings(digits: string): readonly string[] {
  const plain = digits.replace(/[ '_]/g, '');
  const marks = plain.replace(/\d/g, '');
  if (marks === '') return [trimmed(plain)];
  const last = marks.at(-1) ?? '';
  const decimal = trimmed(
    `${plain.slice(0, plain.lastIndexOf(last)).replace(/[.,]/g, '')}.${plain.slice(plain.lastIndexOf(last) + 1)}`,
  );
  const grouped = trimmed(plain.replace(/[.,]/g, ''));
  if (marks.length === 1) return /^[1-9]\d{0,2}[.,]\d{3}$/.test(plain) ? [grouped, decimal] : [decimal];
  if (new Set(marks).size === 2) return [decimal];
  if (/^\d{1,3}(?:[.,]\d{3})+$|^\d{1,2}(?:,\d{2})+,\d{3}$/.test(plain)) return [grouped];
  return last === ',' ? plain.split(',').map(trimmed) : [];
}

function trimmed(number: string): string {
  const whole = number.replace(/^0+(?=\d)/, '');
  return whole.includes('.') ? whole.replace(/\.?0+$/, '') : whole;
}

/** Fifteen digits are what a double holds exactly; longer numbers are never multiplied in practice. */
function multiplied(value: string, magnitude: number): string {
  return magnitude === 1 ? value : String(Number((Number(value) * magnitude).toPrecision(15)));
}

/** `10-20 ms`: the first end is in ms too. `$5-10`: so is the second in dollars. `10-20k`: both readings hold. */
function lend(to: Quantity, from: Quantity): Quantity {
  const unit = to.unit ?? from.unit;
  if (to.magnitude !== 1 || from.magnitude === 1) return { ...to, unit };
  return {
    ...to,
    unit,
    values: [...to.values, ...to.values.map((value) => multiplied(value, from.magnitude))],
  };
}
