/** How long an artifact may be, as its agent's own text says. Null where it says nothing. */
export interface StatedLimits {
  /** For each paragraph or post, in characters. */
  readonly paragraphLengthMax: number | null;
  /** For the whole. */
  readonly wordsMax: number | null;
  /** What the whole aims at: the middle of a range, or the most. */
  readonly wordsAim: number | null;
}

const characterNames = 'characters?|chars?|Zeichen|caractères|caracteres|caratteri|символов|字符|字元|文字';
const wordNames = 'words?|Wörter[n]?|Worte|mots|palabras|parole|слов';
const mention = (names: string): RegExp =>
  new RegExp(
    `((?<!\\b(?:no|not|never)\\s)(?:at least|minimum(?: of)?|min\\.?|more than|mindestens|au moins|al menos))?\\s*(\\d[\\d,.]{0,8})(?:\\s*(?:-|–|to|bis)\\s*(\\d[\\d,.]{0,8}))?[\\s-]*(?:${names})(?![\\p{Ll}])`,
    'giu',
  );

/** Limits below these are for a title or a hook, not for the whole. */
const wordsLeast = 40;
const charactersLeast = 40;

/** Finds limits such as "280 characters", "at most 200 words" or "150–250 words". Floors are no limits. */
export function readLimits(text: string): StatedLimits {
  const characters = mentions(text, characterNames).filter(({ most }) => most >= charactersLeast);
  const words = mentions(text, wordNames)
    .filter(({ most }) => most >= wordsLeast)
    .sort((a, b) => b.most - a.most)[0];
  return {
    paragraphLengthMax: characters.length === 0 ? null : Math.min(...characters.map(({ most }) => most)),
    wordsMax: words?.most ?? null,
    wordsAim: words === undefined ? null : Math.round((words.least + words.most) / 2),
  };
}

function mentions(text: string, names: string): readonly { readonly least: number; readonly most: number }[] {
  return [...text.matchAll(mention(names))].flatMap(([, floor, first, second]) => {
    if (floor !== undefined) return [];
    const least = numberOf(first ?? '');
    const most = second === undefined ? least : numberOf(second);
    return most > 0 ? [{ least, most }] : [];
  });
}

function numberOf(digits: string): number {
  return Number(digits.replace(/[.,]/g, ''));
}
