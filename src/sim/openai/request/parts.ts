import type { ImageBlock, Json } from '../../../core/index.ts';
import { type Checked, invalid, passed } from '../problem.ts';
import type { Piece } from './conversation.ts';

/** Reads a picture that is sent in the request itself; the simulator downloads none. */
export function readImage(url: string, param: string): Checked<ImageBlock> {
  const match = /^data:(image\/(?:png|jpeg|gif|webp));base64,([A-Za-z0-9+/=]*)$/.exec(url);
  if (match === null) {
    const message = `Failed to download image from the given URL: the simulator takes pictures as data URLs only.`;
    return invalid(message, param, 'invalid_image_url');
  }
  const [, mediaType, base64 = ''] = match;
  return passed({ type: 'image', mediaType: mediaType as ImageBlock['mediaType'], base64 });
}

/** Makes the piece of a tool call, whose arguments come as JSON text. */
export function callPiece(id: string, called: string, argumentsText: string): Piece {
  return {
    block: { type: 'tool-call', id, name: called, input: parsedArguments(argumentsText) },
    content: JSON.stringify([id, called, argumentsText]),
    mark: null,
  };
}

/** Makes the piece of a tool's result. No wire flags failures: clients of ours begin the text with `Error: `. */
export function resultPiece(id: string, text: string, mark: Piece['mark']): Piece {
  const failed = text.startsWith('Error: ');
  return { block: { type: 'tool-result', id, text, failed }, content: JSON.stringify([id, text]), mark };
}

/** Makes the piece of thinking that came back. */
export function thinkingPiece(thinking: string): Piece {
  return {
    block: { type: 'opaque', provider: 'openai', content: { thinking } },
    content: thinking,
    mark: null,
  };
}

/** What is no JSON stays as it is, raw. */
function parsedArguments(text: string): Json {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}
