/** A text that fits, and whether something was left out of it. */
export interface CappedText {
  readonly text: string;
  readonly cut: boolean;
}

/** How a text is to be cut. `wholeAt`: where all of it can be read (a path), or null when nowhere. */
export interface CapOptions {
  readonly charactersMax: number;
  readonly wholeAt: string | null;
}

/** Share of the room that goes to the beginning: headings and first results stand there. */
const headShare = 0.7;

/** Share of a piece that may be given up to end it at a line: beyond that, the middle of a line is better. */
const giveUpShare = 0.3;

/**
 * Shortens a tool's answer to at most `charactersMax` UTF-16 code units: its head, one line that says what is left
 * out and where it is, its tail. Cuts at line ends where they are near and never through a surrogate pair.
 */
export function capText(text: string, { charactersMax, wholeAt }: CapOptions): CappedText {
  if (text.length <= charactersMax) return { text, cut: false };
  // The line is longest when all is left out, so that room is enough whatever the pieces come to.
  const room = charactersMax - leftOutLine(text.length, text.length, wholeAt).length;
  if (room <= 0) return { text: headOf(text, Math.max(0, charactersMax)), cut: true };
  const headMax = Math.floor(room * headShare);
  const head = endAtLine(headOf(text, headMax));
  const tail = startAtLine(tailOf(text, room - headMax));
  const leftOut = text.length - head.length - tail.length;
  return { text: `${head}${leftOutLine(leftOut, text.length, wholeAt)}${tail}`, cut: true };
}

function leftOutLine(leftOut: number, all: number, wholeAt: string | null): string {
  const where = wholeAt === null ? 'Ask for less to see it all' : `All of it is in ${wholeAt}`;
  return `\n[… ${leftOut} of ${all} characters left out here. ${where}. …]\n`;
}

function headOf(text: string, lengthMax: number): string {
  const end = splitsPair(text, lengthMax) ? lengthMax - 1 : lengthMax;
  return text.slice(0, end);
}

function tailOf(text: string, lengthMax: number): string {
  const start = text.length - lengthMax;
  return text.slice(splitsPair(text, start) ? start + 1 : start);
}

/** True when a cut before `at` would part a high surrogate from its low one. */
function splitsPair(text: string, at: number): boolean {
  return /^[\uD800-\uDBFF][\uDC00-\uDFFF]$/.test(text.slice(Math.max(0, at - 1), at + 1));
}

function endAtLine(head: string): string {
  const end = head.lastIndexOf('\n');
  return end >= head.length * (1 - giveUpShare) ? head.slice(0, end) : head;
}

function startAtLine(tail: string): string {
  const start = tail.indexOf('\n');
  return start !== -1 && start < tail.length * giveUpShare ? tail.slice(start + 1) : tail;
}
