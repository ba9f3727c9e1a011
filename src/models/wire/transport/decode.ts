import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

/** Unpacks what a server packed, though nobody asked it to. What is packed in a way nobody knows stays as it is. */
export function decoded(bytes: Readable, encoding: string): Readable {
  const decoder = decoderOf(encoding.trim().toLowerCase());
  if (decoder === null) return bytes;
  // The error reaches whoever reads the last of the chain.
  return pipeline(bytes, decoder, () => {}) as Transform;
}

function decoderOf(encoding: string): Transform | null {
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    default:
      return null;
  }
}
