import { type ApiKey, failure } from '../../core/index.ts';
import type { ServerParts } from '../parts.ts';
import type { Refusal } from '../route.ts';

/** Whether a key may ask now. `headers` go with the answer either way. */
export interface Rated {
  readonly refusal: Refusal | null;
  readonly headers: Readonly<Record<string, string>>;
}

const free: Rated = Object.freeze({ refusal: null, headers: Object.freeze<Record<string, string>>({}) });

/** Counts a request of a key; new jobs count twice, in a tighter bucket too. Without keys nothing is counted. */
export async function rate(
  parts: Pick<ServerParts, 'hot' | 'clock' | 'options'>,
  key: ApiKey | null,
  isAccept: boolean,
): Promise<Rated> {
  if (key === null) return free;
  const { requestsPerSecond, requestsBurst, acceptsPerSecond, acceptsBurst } = parts.options.limits;
  const all = await take(parts, `rate:${key.id}`, {
    refillPerSecond: requestsPerSecond,
    size: requestsBurst,
  });
  if (all.refusal !== null || !isAccept) return all;
  return await take(parts, `accept:${key.id}`, { refillPerSecond: acceptsPerSecond, size: acceptsBurst });
}

async function take(
  { hot, clock }: Pick<ServerParts, 'hot' | 'clock'>,
  bucket: string,
  { refillPerSecond, size }: { readonly refillPerSecond: number; readonly size: number },
): Promise<Rated> {
  const taken = await hot.takeTokens(bucket, { tokens: 1, size, refillPerSecond, nowMs: clock.now() });
  const left = Math.max(0, Math.floor(taken.left));
  const headers = {
    'ratelimit-limit': String(size),
    'ratelimit-remaining': String(left),
    'ratelimit-reset': String(Math.ceil((size - left) / refillPerSecond)),
  };
  if (taken.ok) return { refusal: null, headers };
  const message = `This key asks too often: at most ${refillPerSecond} times a second, ${size} at once. Wait as Retry-After says.`;
  const refused = failure('too-many-requests', message, { retryAfterMs: taken.waitMs });
  return { refusal: { refused: [refused] }, headers };
}
