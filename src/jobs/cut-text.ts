import type { CountTokens } from '../core/index.ts';

/** A text that fits, and what was cut off to make it fit. */
export interface FittedText {
  readonly text: string;
  /** Null when nothing was cut. */
  readonly cut: TextCut | null;
}

/** How much of a text was kept. */
export interface TextCut {
  readonly keptCharacters: number;
  readonly keptTokens: number;
  /** Of the whole text. */
  readonly characters: number;
}

/** How far a heading may lie before the last paragraph's end and still be the better place to cut. */
const headingShare = 0.8;
/** A boundary that would throw away more than half of what fits is no boundary. */
const boundaryShare = 0.5;
/** Room for the marker line itself. */
const markerTokens = 40;
/** Long lines are measured in pieces, so that one line of megabytes is never counted whole. */
const pieceCharactersMax = 1_000;
/** Pieces are a small part of the room, so that little of it is lost to the piece that no longer fits. */
const piecesPerRoom = 8;

/**
 * Cuts a text to at most `tokensMax` tokens: at a heading, else a paragraph, else a line, a sentence or a word.
 * A cut text ends with a marker line, so that whoever reads it knows that it goes on. Never cuts inside a code
 * fence where a paragraph before it will do, and never through a character.
 */
export function cutText(text: string, tokensMax: number, countTokens: CountTokens): FittedText {
  // No token is shorter than a byte, so a text of fewer bytes always fits.
  if (Buffer.byteLength(text) <= tokensMax) return { text, cut: null };
  const measured = measure(text, tokensMax, countTokens);
  if (measured.fits) return { text, cut: null };
  const at = cutPoint(text, measured);
  const kept = text.slice(0, at).trimEnd();
  const cut = { keptCharacters: kept.length, keptTokens: countTokens(kept), characters: text.length };
  return { text: `${kept}${closeFence(kept)}\n\n${marker(cut)}\n`, cut };
}

function marker({ keptCharacters, characters }: TextCut): string {
  return `[Cut here by Inspan: the first ${keptCharacters} of ${characters} characters are above, the rest is missing.]`;
}

interface Measured {
  readonly fits: boolean;
  /** The furthest position that fits together with the marker. */
  readonly room: number;
  readonly heading: number;
  readonly paragraph: number;
  readonly line: number;
}

function measure(text: string, tokensMax: number, countTokens: CountTokens): Measured {
  const most = Math.max(1, tokensMax - markerTokens);
  let tokens = 0;
  let room = 0;
  const last = { heading: 0, paragraph: 0, line: 0 };
  let fence: string | null = null;
  const pieceCharacters = Math.max(1, Math.min(pieceCharactersMax, Math.floor(most / piecesPerRoom)));
  for (const { start, end } of pieces(text, pieceCharacters)) {
    const piece = text.slice(start, end);
    tokens += countTokens(piece);
    if (tokens > tokensMax) return { fits: false, room, ...last };
    if (tokens > most) continue;
    room = end;
    if (text[end - 1] !== '\n') continue;
    const before: string = text.slice(text.lastIndexOf('\n', end - 2) + 1, end);
    fence = fenceAfter(fence, before);
    last.line = end;
    if (fence !== null) continue;
    if (before.trim() === '') last.paragraph = end;
    if (/^#{1,6}\s/.test(text.slice(end, end + 8))) last.heading = end;
  }
  return { fits: true, room, ...last };
}

function* pieces(text: string, pieceCharacters: number): Generator<{ start: number; end: number }> {
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const lineEnd = newline === -1 ? text.length : newline + 1;
    let end = Math.min(lineEnd, start + pieceCharacters);
    if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end += 1;
    yield { start, end };
    start = end;
  }
}

function fenceAfter(open: string | null, line: string): string | null {
  const fence = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
  if (fence === undefined) return open;
  if (open === null) return fence;
  return fence.startsWith(open) ? null : open;
}

function cutPoint(text: string, { room, heading, paragraph, line }: Measured): number {
  const enough = room * boundaryShare;
  if (heading >= enough && heading >= paragraph * headingShare) return heading;
  if (paragraph >= enough) return paragraph;
  if (line >= enough) return line;
  const head = text.slice(0, room);
  const sentence = lastMatchEnd(head, /[.!?。！？]["'”’)\]]*(?=\s|$|\P{ASCII})/gu);
  if (sentence >= enough) return sentence;
  const word = Math.max(head.lastIndexOf(' '), head.lastIndexOf('\t'));
  return word >= enough ? word : room;
}

function lastMatchEnd(text: string, pattern: RegExp): number {
  let end = 0;
  for (const match of text.matchAll(pattern)) end = match.index + match[0].length;
  return end;
}

function closeFence(kept: string): string {
  let fence: string | null = null;
  for (const line of kept.split('\n')) fence = fenceAfter(fence, line);
  return fence === null ? '' : `\n${fence}`;
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}
