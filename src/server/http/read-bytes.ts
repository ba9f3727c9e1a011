import { fail, ok, type Result } from '../../core/index.ts';

/** Reads a body of at most so many bytes. A longer one is refused before it is read to its end. */
export async function readBytes(request: Request, bytesMax: number): Promise<Result<Uint8Array>> {
  const told = request.headers.get('content-length');
  if (Number(told ?? 0) > bytesMax) return tooLarge(bytesMax);
  const encoding = request.headers.get('content-encoding') ?? 'identity';
  if (encoding !== 'identity') {
    return fail('wrong-type', `The body is encoded as ${shown(encoding)}: send it as it is.`);
  }
  try {
    // No more comes than was told, so it may be read in one go: a stream of the platform costs 18 kB of garbage.
    return told === null
      ? await readPieces(request, bytesMax)
      : ok(new Uint8Array(await request.arrayBuffer()));
  } catch {
    // A body ends early only when its sender is gone.
    return fail('cancelled', 'The request ended before its body did.');
  }
}

async function readPieces({ body }: Request, bytesMax: number): Promise<Result<Uint8Array>> {
  if (body === null) return ok(new Uint8Array());
  const reader = body.getReader();
  const pieces: Uint8Array[] = [];
  let bytesSize = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return ok(Buffer.concat(pieces));
    bytesSize += value.length;
    if (bytesSize > bytesMax) {
      // Nobody waits for what is left of it: the connection is closed with the answer.
      reader.cancel().catch(() => {});
      return tooLarge(bytesMax);
    }
    pieces.push(value);
  }
}

function tooLarge(bytesMax: number): Result<never> {
  return fail(
    'too-large',
    `The body is larger than ${bytesMax} bytes: send less, or send files as multipart/form-data.`,
  );
}

/** What a client wrote, made fit to be shown back to it: short, and in one line. */
export function shown(text: string): string {
  const clean = text.replace(/[^\x20-\x7e]/g, '?');
  return clean.length <= 60 ? clean : `${clean.slice(0, 59)}…`;
}
