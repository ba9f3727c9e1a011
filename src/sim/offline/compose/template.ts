/** The form that an agent's own text shows for its artifact. */
export interface Template {
  /** The fence's language, lowercase; '' when it has none. */
  readonly language: string;
  readonly text: string;
}

const speaksOfForm =
  /format|output|template|shape|structure|layout|\bform\b|vorlage|ausgabe|aufbau|modèle|sortie|plantilla|salida|estructura|modello|шаблон|формат|模板|格式|输出|出力|テンプレート|형식/i;

/**
 * Finds the fenced block that shows an artifact's form.
 * It is the first in one of the languages that stands below a heading or sentence about format.
 * Null when the text shows none.
 */
export function findTemplate(text: string, languages: readonly string[]): Template | null {
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  let heading = '';
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    heading = /^#{1,6}\s+(.*)$/.exec(line)?.[1] ?? heading;
    const fence = /^\s*(`{3,}|~{3,})\s*(\S*)/.exec(line);
    if (fence === null) continue;
    const [, mark = '```', language = ''] = fence;
    const end = lines.findIndex((other, at) => at > index && isClosing(other, mark));
    const body = lines.slice(index + 1, end < 0 ? lines.length : end).join('\n');
    const isMeant = speaksOfForm.test(heading) || speaksOfForm.test(sentenceBefore(lines, index));
    if (languages.includes(language.toLowerCase()) && isMeant && body.trim() !== '') {
      return { language: language.toLowerCase(), text: body };
    }
    if (end < 0) return null;
    index = end;
  }
  return null;
}

function isClosing(line: string, mark: string): boolean {
  const bare = line.trim();
  return bare.startsWith(mark) && bare === mark.charAt(0).repeat(bare.length);
}

/** The nearest two lines above that are not empty. */
function sentenceBefore(lines: readonly string[], index: number): string {
  return lines
    .slice(Math.max(0, index - 4), index)
    .filter((line) => line.trim() !== '')
    .slice(-2)
    .join(' ');
}

/** A place in a template that waits for a text: `<claim>`, `{claim}` or `[claim]`. */
export interface Slot {
  readonly label: string;
  readonly start: number;
  readonly end: number;
}

const slotPattern =
  /<([^<>\n]{1,160})>|\$?\{\{?([^{}\n]{1,160})\}\}?|(?<![\]!\w])\[([^[\]\n]{1,160})\](?![(:[])/gu;
const htmlTags =
  /^(?:a|b|br|code|details|div|em|hr|i|img|kbd|li|ol|p|pre|s|span|strong|sub|sup|table|td|th|tr|u|ul)\b\s*\/?$/i;

/** Finds the slots of one line of a template; HTML, links, check boxes and footnotes are none. */
export function slotsOf(line: string): readonly Slot[] {
  return [...line.matchAll(slotPattern)].flatMap((match) => {
    const [whole, angle, curly, square] = match;
    const label = (angle ?? curly ?? square ?? '').trim();
    const isSlot =
      angle !== undefined
        ? !/^[/!?]|^https?:|^mailto:|=/.test(label) && !htmlTags.test(label) && !line.includes(`</${label}>`)
        : square === undefined || (/[\p{L}…]|\.\.\./u.test(label) && !/^(?:x|X|![A-Z]+|\^.*)$/.test(label));
    return isSlot && label !== '' ? [{ label, start: match.index, end: match.index + whole.length }] : [];
  });
}
