import { collapsed, quotable, type Unit, type UnitKind, unitsMax } from './unit.ts';

/** Reads markdown or plain prose into pieces: sentences, items, rows, code lines and headings. */
export function readMarkdown(text: string): readonly Unit[] {
  const reader = new MarkdownReader();
  for (const line of text.split('\n')) {
    if (reader.count >= unitsMax) break;
    reader.read(line);
  }
  return reader.end();
}

/** What has been read so far, and the paragraph or list item that is still open. */
class MarkdownReader {
  readonly #units: Unit[] = [];
  readonly #sentences = new Intl.Segmenter('und', { granularity: 'sentence' });
  #open: string[] = [];
  #kind: UnitKind = 'sentence';
  #heading: string | null = null;
  /** The fence that has to close; null outside of code. */
  #fence: string | null = null;

  get count(): number {
    return this.#units.length;
  }

  end(): readonly Unit[] {
    this.#close();
    return this.#units;
  }

  read(line: string): void {
    const mark = /^\s*(?:>\s?)?(`{3,}|~{3,})/.exec(line)?.[1];
    if (this.#fence !== null) this.#readCode(line, mark);
    else if (mark === undefined) this.#readLine(line.replace(/^\s*(?:>\s?)+/, '').trim());
    else {
      this.#close();
      this.#fence = mark;
    }
  }

  #readCode(line: string, mark: string | undefined): void {
    if (this.#fence !== null && mark?.startsWith(this.#fence)) this.#fence = null;
    else this.#add(collapsed(line), 'code');
  }

  #readLine(line: string): void {
    const heading = /^#{1,6}\s+(.*)$/.exec(line)?.[1];
    const item = /^(?:[-*+•]|\d{1,4}[.)]|\d{1,3}\/\d{0,3})\s+(?:\[[ xX]\]\s+)?(.*)$/.exec(line)?.[1];
    if (/^(?:=+|-+)$/.test(line) && this.#open.length === 1 && this.#kind === 'sentence') {
      const title = this.#open[0] ?? '';
      this.#open = [];
      this.#addHeading(title);
    } else if (line === '' || isRule(line)) {
      this.#close();
    } else if (heading !== undefined) {
      this.#close();
      this.#addHeading(heading.replace(/\s+#+$/, ''));
    } else if (isRow(line)) {
      this.#close();
      this.#add(line.replace(/^\|\s*/, '').replace(/\s*\|$/, ''), 'row');
    } else if (item !== undefined) {
      this.#close();
      this.#open = [item];
      this.#kind = 'item';
    } else {
      this.#open.push(line);
    }
  }

  #addHeading(text: string): void {
    const [unit] = quotable(collapsed(text), 'heading', null);
    if (unit === undefined) return;
    this.#heading = unit.text;
    this.#units.push(unit);
  }

  /** Ends the open paragraph or item. */
  #close(): void {
    const kind = this.#kind;
    const text = withoutOuterTags(collapsed(this.#open.join(' ')));
    this.#open = [];
    this.#kind = 'sentence';
    if (text === '' || isOnlyLinkWithin(text)) return;
    const whole = kind === 'item' && text.length <= itemLengthMax;
    for (const piece of whole ? [text] : sentencesOf(text, this.#sentences)) this.#add(piece, kind);
  }

  #add(text: string, kind: UnitKind): void {
    this.#units.push(...quotable(text, kind, this.#heading));
  }
}

/** A longer list item is a paragraph that happens to have a bullet. */
const itemLengthMax = 420;

/** A line that parts: a thematic break, or the one below a table's head. */
function isRule(line: string): boolean {
  return (
    /^([-*_])(?:\s*\1){2,}$/.test(line) ||
    (line.includes('|') && line.includes('-') && /^[|:\-\s]+$/.test(line))
  );
}

function isRow(line: string): boolean {
  return /^\|.+\|$/.test(line) || /^[^|]+ \| [^|]+(?: \| |$)/.test(line);
}

/** A line of a table of contents says nothing by itself. */
function isOnlyLinkWithin(text: string): boolean {
  return /^\[[^\]]{1,200}\]\(#[^)]{0,200}\)$/.test(text);
}

function withoutOuterTags(text: string): string {
  return text.replace(/^(?:<\/?[a-z][^>]{0,300}>\s*)+/i, '').replace(/(?:\s*<\/?[a-z][^>]{0,300}>)+$/i, '');
}

const endsInAbbreviation = /(?:^|[\s(])(?:\p{Lu}\p{Ll}{0,2}|\p{L}(?:\.\p{L})+|vs|etc|ca|approx|bzw)\.$/u;

/** Segmentation by the Unicode rules, mended where an abbreviation was taken for an end. */
function sentencesOf(text: string, sentences: Intl.Segmenter): readonly string[] {
  const found: string[] = [];
  for (const { segment } of sentences.segment(text)) {
    const before = found.at(-1);
    const goesOn = before !== undefined && endsInAbbreviation.test(before.trimEnd().slice(-12));
    if (goesOn) found[found.length - 1] = before + segment;
    else found.push(segment);
  }
  return found.map((sentence) => sentence.trim());
}
