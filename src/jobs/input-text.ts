import { fail, ok, type Result } from '../core/index.ts';

/** The most an input file may weigh before it is even looked at: 32 MiB. */
export const inputBytesMax = 32 * 1024 * 1024;

/** Reads what a brief brings as text: UTF-8, or UTF-16 with a byte order mark. Refuses what no agent could read. */
export function inputText(name: string, content: string | Uint8Array): Result<string> {
  const bytesSize = typeof content === 'string' ? Buffer.byteLength(content) : content.byteLength;
  if (bytesSize > inputBytesMax) {
    const size = (bytesSize / 1024 / 1024).toFixed(1);
    return fail(
      'wrong-input',
      `File ${name} has ${size} MiB, at most ${inputBytesMax / 1024 / 1024} are taken: bring a smaller part of it.`,
    );
  }
  const text = typeof content === 'string' ? content : decoded(content);
  if (text === null || text.includes('\0')) {
    return fail(
      'wrong-input',
      `File ${name} is not text (UTF-8, or UTF-16 with a byte order mark): convert it to text first.`,
    );
  }
  // A lone surrogate cannot be written as UTF-8, so it would come back as another text than was accepted.
  const whole = text.replace(/^\uFEFF/, '').toWellFormed();
  return whole.trim() === ''
    ? fail('wrong-input', `File ${name} is empty: bring one with content.`)
    : ok(whole);
}

function decoded(bytes: Uint8Array): string | null {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    // A fatal decoder throws for one reason only: these bytes are no text in this encoding.
    return null;
  }
}
