import type { TokensTaken, TokenWant } from '../../core/index.ts';

/** Takes tokens from the bucket of that name. */
export type TakeTokens = (bucket: string, want: TokenWant) => TokensTaken;

/** Buckets that are remembered. A forgotten one counts as full, so forgetting errs towards consent. */
const bucketsMax = 10_000;

/** What rounding may take from a bucket: somebody who waited as long as told is never sent away again for it. */
export const tokensRounded = 1e-6;

interface Bucket {
  readonly tokens: number;
  readonly atMs: number;
}

/** Makes token buckets that this process alone draws from. The one used longest ago is forgotten first. */
export function createTokenBuckets(): TakeTokens {
  const buckets = new Map<string, Bucket>();
  return (name, want) => {
    const bucket = refilled(buckets.get(name), want);
    const price = Math.min(want.tokens, want.size);
    const enough = bucket.tokens + tokensRounded >= price;
    const tokens = enough ? Math.max(0, bucket.tokens - price) : bucket.tokens;
    buckets.delete(name);
    buckets.set(name, { ...bucket, tokens });
    const [oldest] = buckets.keys();
    if (buckets.size > bucketsMax && oldest !== undefined) buckets.delete(oldest);
    return tokensTaken({ enough, tokens, want });
  };
}

/** Time never runs backwards in a bucket, whoever's clock is behind. */
function refilled(bucket: Bucket | undefined, { size, refillPerSecond, nowMs }: TokenWant): Bucket {
  if (bucket === undefined) return { tokens: size, atMs: nowMs };
  const atMs = Math.max(bucket.atMs, nowMs);
  return { tokens: Math.min(size, bucket.tokens + ((atMs - bucket.atMs) / 1000) * refillPerSecond), atMs };
}

/** Says what came of a want. `tokens`: what the bucket holds now. Who wants more than fits waits for a full one. */
export function tokensTaken({
  enough,
  tokens,
  want,
}: {
  readonly enough: boolean;
  readonly tokens: number;
  readonly want: TokenWant;
}): TokensTaken {
  const left = Math.floor(tokens + tokensRounded);
  if (enough) return { ok: true, left };
  const missing = Math.min(want.tokens, want.size) - tokens;
  return { ok: false, left, waitMs: Math.max(1, Math.ceil((missing / want.refillPerSecond) * 1000)) };
}
