import type { ImageBlock } from '../../core/index.ts';

/** A token stands for a square of this many pixels a side (Anthropic, "Vision", 2026-08). */
const patchPixels = 28;

/** The most one image costs: larger ones are scaled down first. Models before Claude 4.7 stop at 1,568 (same page). */
const imageTokensMax = 4784;

/** Estimates what an image costs, in tokens; the most it can where its size cannot be read. */
export function imageTokens(image: ImageBlock): number {
  const size = sizeOf(image);
  if (size === null) return imageTokensMax;
  const patches = Math.ceil(size.width / patchPixels) * Math.ceil(size.height / patchPixels);
  return patches === 0 ? imageTokensMax : Math.min(imageTokensMax, patches);
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Base64 characters that are looked at: sizes stand at the front, behind a photograph's notes at the latest. */
const headLengthMax = 128 * 1024;

function sizeOf({ mediaType, base64 }: ImageBlock): Size | null {
  const bytes = Buffer.from(base64.slice(0, headLengthMax), 'base64');
  switch (mediaType) {
    case 'image/png':
      return bytes.length < 24 ? null : { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
    case 'image/gif':
      return bytes.length < 10 ? null : { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
    case 'image/webp':
      return bytes.length < 30 ? null : webpSize(bytes);
    case 'image/jpeg':
      return jpegSize(bytes);
  }
}

/** The three kinds of WebP keep their size in three places (WebP container specification; RFC 6386 for `VP8 `). */
function webpSize(bytes: Buffer): Size | null {
  switch (bytes.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
    case 'VP8L': {
      const bits = bytes.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 'VP8X':
      return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
    default:
      return null;
  }
}

/** Walks the segments up to the frame header, which holds the size (ITU T.81, table B.1). */
function jpegSize(bytes: Buffer): Size | null {
  for (let at = 2; at + 9 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1] ?? 0;
    if (isFrameHeader(marker))
      return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return null;
}

/** SOF0 to SOF15 without the tables (DHT, JPG, DAC) between them. */
function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}
