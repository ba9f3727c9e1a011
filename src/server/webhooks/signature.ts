import { createHmac, timingSafeEqual } from 'node:crypto';
import { fail, ok, type Result } from '../../core/index.ts';

/** A message of a webhook, as Standard Webhooks signs it. */
export interface SignedMessage {
  /** The same at every try: whoever gets it twice knows. */
  readonly id: string;
  /** When it was sent, in ms; goes over the wire in seconds. */
  readonly atMs: number;
  readonly payload: string;
}

/** Headers of a message, as `fetch` or Node give them. */
export type MessageHeaders =
  | { get(name: string): string | null }
  | { readonly [name: string]: string | readonly string[] | undefined };

/** How far a message's time may be from ours: the tolerance of the libraries of Standard Webhooks. */
const toleranceMs = 5 * 60_000;
/** Bytes of a new secret; Standard Webhooks asks for 24 to 64. */
const secretSize = 32;
const secretSizeMin = 24;
const secretSizeMax = 64;

/** Makes a secret: `whsec_` and base64, as Standard Webhooks wants it. */
export function makeWebhookSecret(randomBytes: (size: number) => Uint8Array): string {
  return `whsec_${Buffer.from(randomBytes(secretSize)).toString('base64')}`;
}

/** Makes the three headers of a message that Standard Webhooks asks for. A secret of another form throws. */
export function signWebhook(message: SignedMessage, secret: string): Readonly<Record<string, string>> {
  const key = secretKey(secret);
  if (key === null) throw new TypeError('A webhook secret is whsec_ and the base64 of 24 to 64 bytes');
  const seconds = String(Math.floor(message.atMs / 1000));
  const signature = sign([message.id, seconds, message.payload], key);
  return {
    'webhook-id': message.id,
    'webhook-timestamp': seconds,
    'webhook-signature': `v1,${signature.toString('base64')}`,
  };
}

/**
 * Checks that a message came from a server that knows the secret.
 * One that is older or newer than 5 minutes is refused: somebody may be sending it again.
 * `payload` is the body as it came, byte for byte: JSON that was read and written again has another signature.
 * Gives the message's id, by which a second delivery of the same message is known.
 */
export function verifyWebhook(
  payload: string,
  headers: MessageHeaders,
  { secret, nowMs }: { readonly secret: string; readonly nowMs: number },
): Result<{ readonly id: string }> {
  const key = secretKey(secret);
  if (key === null)
    return fail('wrong-config', 'The secret is none: it is whsec_ and the base64 of 24 to 64 bytes.');
  const [id, seconds, signatures] = ['id', 'timestamp', 'signature'].map((name) =>
    read(headers, `webhook-${name}`),
  );
  if (!id || !seconds || !signatures) {
    return fail('wrong-input', 'The message lacks webhook-id, webhook-timestamp or webhook-signature.');
  }
  const atMs = /^\d{1,12}$/.test(seconds) ? Number(seconds) * 1000 : Number.NaN;
  if (!(Math.abs(nowMs - atMs) <= toleranceMs)) {
    return fail(
      'not-allowed',
      'The message is older or newer than 5 minutes. Compare the clocks, or refuse it.',
    );
  }
  const expected = sign([id, seconds, payload], key);
  const isSigned = signatures.split(' ').some((each) => isSignature(each, expected));
  return isSigned
    ? ok({ id })
    : fail('not-allowed', 'The signature does not fit the message and the secret.');
}

function sign(parts: readonly string[], key: Uint8Array): Buffer {
  return createHmac('sha256', key).update(parts.join('.')).digest();
}

/** Takes the same time wherever the first wrong byte is. Other versions than `v1` are for others. */
function isSignature(text: string, expected: Uint8Array): boolean {
  if (!text.startsWith('v1,')) return false;
  const given = Buffer.from(text.slice('v1,'.length), 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function secretKey(secret: string): Uint8Array | null {
  const base64 = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  if (base64 === undefined) return null;
  const key = Buffer.from(base64, 'base64');
  return key.length >= secretSizeMin && key.length <= secretSizeMax ? key : null;
}

function read(headers: MessageHeaders, name: string): string | null {
  if (typeof headers.get === 'function') return headers.get(name);
  const value = (headers as Readonly<Record<string, string | readonly string[] | undefined>>)[name];
  return typeof value === 'string' ? value : (value?.[0] ?? null);
}
