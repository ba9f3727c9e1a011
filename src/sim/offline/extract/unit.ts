import { cutAtWord } from './cut-text.ts';

/** What a piece of a text is. */
export type UnitKind = 'sentence' | 'item' | 'row' | 'code' | 'heading';

/** A piece of a source that can be quoted: verbatim but for white space, which is single spaces. */
export interface Unit {
  readonly text: string;
  readonly kind: UnitKind;
  /** The nearest heading above; null before the first. */
  readonly heading: string | null;
}

/** A piece of a source that is worth quoting, and where it stands. */
export interface Extract extends Unit {
  readonly path: string;
  /** Its place among all pieces of all sources, from 0. */
  readonly place: number;
}

/** More pieces than any extract needs; what is beyond is not looked at. */
export const unitsMax = 6_000;

/** A longer piece is quoted in parts: about four lines of print. */
const unitLengthMax = 420;

/** Makes pieces of bearable length from a text; none from one without a visible character. */
export function quotable(text: string, kind: UnitKind, heading: string | null): readonly Unit[] {
  const units: Unit[] = [];
  let rest = text.trim();
  while (rest !== '' && units.length < unitsMax) {
    const head = cutAtWord(rest, unitLengthMax);
    // A single grapheme longer than a unit can be made, but nobody would miss it.
    if (head === '') return units;
    if (/[^\p{Z}\p{C}]/u.test(head)) units.push({ text: head, kind, heading });
    rest = rest.slice(head.length).trimStart();
  }
  return units;
}

/** Writes all white space of a text as single spaces. */
export function collapsed(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
