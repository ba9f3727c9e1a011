import { describe, expect, it } from 'vitest';
import { asking } from '../../../test/setup/model-calls.ts';
import type { ImageBlock, UserBlock } from '../../core/index.ts';
import { imageTokens } from './image-tokens.ts';
import { requestTokens } from './request-tokens.ts';

function image(mediaType: ImageBlock['mediaType'], bytes: readonly (number | string)[]): ImageBlock {
  const parts = bytes.map((part) =>
    typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.of(part),
  );
  return { type: 'image', mediaType, base64: Buffer.concat(parts).toString('base64') };
}

const png = image('image/png', ['\x89PNG\r\n\x1a\n', 0, 0, 0, 13, 'IHDR', 0, 0, 4, 0, 0, 0, 3, 0]);

describe('the tokens of a request', () => {
  it('are those of its parts, images among them', () => {
    const counted = (blocks: readonly UserBlock[]) =>
      requestTokens(asking({ messages: [{ role: 'user', blocks }] }), (text) => text.length);
    expect(counted([{ type: 'text', text: 'Hello' }])).toBe(12);
    expect(counted([{ type: 'text', text: 'Hello' }, png])).toBe(12 + 7 + 37 * 28);
  });

  it.each<[string, ImageBlock, number]>([
    ['PNG of 1024 × 768', png, 37 * 28],
    ['GIF of 28 × 29', image('image/gif', ['GIF89a', 28, 0, 29, 0]), 2],
    [
      'JPEG of 560 × 280, behind its notes',
      image('image/jpeg', [0xff, 0xd8, 0xff, 0xe1, 0, 4, 1, 2, 0xff, 0xc2, 0, 11, 8, 1, 24, 2, 48, 3, 1]),
      200,
    ],
    [
      'lossy WebP of 280 × 28',
      image('image/webp', ['RIFF....WEBPVP8 ....', 0, 0, 0, 0x9d, 1, 0x2a, 24, 1, 28, 0]),
      10,
    ],
    [
      'lossless WebP of 28 × 56',
      image('image/webp', ['RIFF....WEBPVP8L....', 0x2f, 27, 192, 13, 0, 0, 0, 0, 0, 0]),
      2,
    ],
    [
      'extended WebP of 56 × 56',
      image('image/webp', ['RIFF....WEBPVP8X....', 0, 0, 0, 0, 55, 0, 0, 55, 0, 0]),
      4,
    ],
  ])('count an image by its size: %s', (_, block, tokens) => {
    expect(imageTokens(block)).toBe(tokens);
  });

  it('take the most for an image that is huge or cannot be read', () => {
    const huge = image('image/png', ['\x89PNG\r\n\x1a\n', 0, 0, 0, 13, 'IHDR', 0, 0, 40, 0, 0, 0, 40, 0]);
    for (const block of [huge, image('image/jpeg', ['no jpeg at all']), image('image/png', [])]) {
      expect(imageTokens(block)).toBe(4784);
    }
  });
});
