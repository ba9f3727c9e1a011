import { isUtf8 } from 'node:buffer';

/** Text as bytes: UTF-8 without a byte order mark; half characters become U+FFFD. */
export function encodeText(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Reads bytes as text: strict UTF-8, a byte order mark left out. Null says that they are not text. */
export function decodeText(bytes: Uint8Array): string | null {
  const text = decodeExactly(bytes);
  // NUL is valid UTF-8 and in no text that people write, but in most files that are not text.
  if (text === null || text.includes('\0')) return null;
  return text.startsWith(byteOrderMark) ? text.slice(1) : text;
}

/** Reads bytes as text that gives the very same bytes again. Null says that there is no such text. */
export function decodeExactly(bytes: Uint8Array): string | null {
  // Named rather than caught: a fatal decoder throws the same TypeError for a wrong argument.
  if (!isUtf8(bytes)) return null;
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

const byteOrderMark = '\uFEFF';
