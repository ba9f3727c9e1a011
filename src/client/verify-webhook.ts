/** A request that says it comes from Inspan, as it arrived. */
export interface ReceivedWebhook {
  /** The body, byte for byte: parsed and written again it is another one. */
  readonly payload: string;
  /** As `Headers`, or as Node and most frameworks give them. */
  readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
  /** `whsec_…`, as it was shown when the webhook was made. */
  readonly secret: string;
  /** Milliseconds since 1970, for instance `Date.now()`: an old message may have been caught and sent again. */
  readonly nowMs: number;
}

/** Whether it is genuine. `id` is the same at every try to deliver one message: keep it to act once. */
export type VerifiedWebhook =
  | { readonly ok: true; readonly id: string; readonly event: unknown }
  | { readonly ok: false; readonly reason: string };

/** How far both clocks may be apart: five minutes (Standard Webhooks, "Verifying webhook authenticity"). */
const toleranceMs = 5 * 60_000;

/** Says whether a webhook comes from whoever knows the secret, now and unchanged (Standard Webhooks). */
export async function verifyWebhook(received: ReceivedWebhook): Promise<VerifiedWebhook> {
  const { payload, headers, secret, nowMs } = received;
  const id = headerOf(headers, 'webhook-id');
  const timestamp = headerOf(headers, 'webhook-timestamp');
  const signatures = headerOf(headers, 'webhook-signature');
  if (id === null || timestamp === null || signatures === null) {
    return no('It lacks one of the headers webhook-id, webhook-timestamp and webhook-signature.');
  }
  if (!/^\d+$/.test(timestamp) || Math.abs(nowMs - Number(timestamp) * 1000) > toleranceMs) {
    return no('Its time is more than five minutes away from now.');
  }
  const secretBytes = bytesOf(secret.replace(/^whsec_/, ''));
  if (secretBytes === null || secretBytes.length === 0) return no('The secret is no whsec_ and base64.');
  const isGenuine = await hasSignature(signatures, `${id}.${timestamp}.${payload}`, secretBytes);
  if (!isGenuine) return no('Its signature does not fit: another secret, or a changed body.');
  return { ok: true, id, event: JSON.parse(payload) as unknown };
}

function no(reason: string): VerifiedWebhook {
  return { ok: false, reason };
}

/** While a secret is changed a message has several signatures. The platform compares them in constant time. */
async function hasSignature(
  signatures: string,
  signed: string,
  secret: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', secret, algorithm, false, ['verify']);
  const content = new TextEncoder().encode(signed);
  for (const each of signatures.split(' ').slice(0, signaturesMax)) {
    const [version, text = ''] = each.split(',');
    const signature = version === 'v1' ? bytesOf(text) : null;
    if (signature !== null && (await crypto.subtle.verify('HMAC', key, signature, content))) return true;
  }
  return false;
}

/** More secrets than anybody changes between at once: whoever sends more wants work, not trust. */
const signaturesMax = 10;

function headerOf(headers: ReceivedWebhook['headers'], name: string): string | null {
  if (headers instanceof Headers) return headers.get(name);
  const value = Object.entries(headers).find(([given]) => given.toLowerCase() === name)?.[1];
  return typeof value === 'string' ? value : (value?.[0] ?? null);
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> | null {
  // Checked first: what is no base64 makes `atob` throw.
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(base64) || base64.length % 4 === 1) return null;
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
