import { cutAtWord } from './cut-text.ts';

/** A stream should look like one, but a local model has nothing to gain from many small pieces. */
const piecesMax = 4;

/** Cuts a text into the few pieces in which it is streamed; joined they are the text. */
export function pieces(text: string): readonly string[] {
  const lengthMin = Math.max(24, Math.ceil(text.length / piecesMax));
  const found: string[] = [];
  let rest = text;
  while (found.length < piecesMax - 1 && rest.length > lengthMin) {
    const head = cutAtWord(rest, lengthMin) || rest;
    found.push(head);
    rest = rest.slice(head.length);
  }
  return rest === '' ? found : [...found, rest];
}
