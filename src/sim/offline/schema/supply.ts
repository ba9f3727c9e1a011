import { cutAtWord } from '../extract/cut-text.ts';
import type { Extracts } from '../extract/extract.ts';
import type { Extract } from '../extract/unit.ts';
import { fitFiles, speaksOfFile } from '../fit-files.ts';

/** Gives out extracts one after the other, to whatever form has to be filled. */
export interface Supply {
  /** A text for a slot with this label: a title, a URL, a command, a file or simply the next extract. Never empty. */
  fill(label: string, lengthMax?: number): string;
  /** The next pick; after them what else is telling, and the first again when all was given out. */
  next(lengthMax?: number): string;
  /** Picks that were not given out yet. */
  left(): number;
}

/** A slot's text, where its form sets no limit. */
const slotLengthMax = 420;
const titleLengthMax = 90;
/** Said where a form has a slot and nothing was read that could fill it. */
const nothing = 'nothing to extract';

/** Makes a supply of extracts; `files` are the paths that a slot about a file may name. */
export function createSupply(
  extracts: Extracts,
  picks: readonly Extract[],
  files: readonly string[],
): Supply {
  const picked = picks.map(({ text }) => text);
  const spare = extracts.ranked.map(({ text }) => text).filter((text) => !picked.includes(text));
  const texts = picks.length > 0 ? [...picked, ...spare] : [nothing];
  const urls = texts.flatMap(
    (text) => text.match(/https?:\/\/[^\s<>()"'`\]]{3,200}[^\s<>()"'`\].,;:!?]/g) ?? [],
  );
  const commands = extracts.ranked.filter(({ kind }) => kind === 'code').map(({ text }) => text);
  let given = 0;
  const next = (lengthMax = slotLengthMax): string => {
    const text = texts[given % texts.length] ?? nothing;
    given += 1;
    return cut(text, lengthMax);
  };
  return {
    next,
    left: () => Math.max(0, picks.length - given),
    fill(label, lengthMax = slotLengthMax) {
      if (isChoice(label)) return 'not judged';
      const file = isFileSlot(label) ? fitFiles(label, '', files)[0] : undefined;
      if (file !== undefined) return file;
      if (/\b(?:title|headline|heading|topic|subject|name)\b/i.test(label) && extracts.title !== '') {
        return cut(extracts.title, Math.min(lengthMax, titleLengthMax));
      }
      if (/\b(?:url|link|uri|website)\b/i.test(label)) return urls[0] ?? next(lengthMax);
      if (/\b(?:command|code|install\w*)\b/i.test(label))
        return cut(commands[0] ?? next(lengthMax), lengthMax);
      return next(lengthMax);
    },
  };
}

/** Says whether a slot's label means a file, not a quote of it. */
export function isFileSlot(label: string): boolean {
  return (
    label.trim().split(/\s+/).length <= 2 &&
    speaksOfFile(label, '') &&
    !/quote|line|text|title|sentence/i.test(label)
  );
}

/** A slot that asks for a verdict: an extract can give none. */
function isChoice(label: string): boolean {
  return (
    /^\s*[\w ]{1,20}(?:\s*(?:[|/]|\bor\b)\s*[\w ]{1,20})+\s*$/.test(label) ||
    /^(?:verdict|severity|score|rating|grade)\b/i.test(label)
  );
}

/** At least something: a word longer than the slot is cut anywhere. Dots say that a text went on. */
function cut(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  const head = cutAtWord(text, lengthMax - 1);
  return head === '' ? [...text].slice(0, Math.max(1, Math.floor(lengthMax / 2))).join('') : `${head}…`;
}
