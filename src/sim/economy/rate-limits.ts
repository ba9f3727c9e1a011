import type { Asked, LimitState, Refusal } from '../server/wire.ts';
import type { InputUsage } from './prompt-cache.ts';
import { fullBucket, levelAt, type TokenBucket, take, waitMsFor, windowOf } from './token-bucket.ts';

/** The limits of each key for each model. Null: no such limit. */
export interface Limits {
  readonly requestsPerMinute: number | null;
  /** OpenAI's one limit of tokens, input and output together, is this one. */
  readonly inputTokensPerMinute: number | null;
  /** Anthropic's alone. */
  readonly outputTokensPerMinute: number | null;
}

/** Lets requests in, as far as their key's limits go. */
export interface RateLimiter {
  admit(asked: Asked, input: InputUsage, nowMs: number): Admission;
  /** What is left for a request's key and model, counting nothing. */
  stateFor(asked: Asked, nowMs: number): LimitState;
}

/** A request that is let in, or the refusal. */
export type Admission =
  | {
      readonly type: 'admitted';
      readonly limits: LimitState;
      /** Corrects what was counted, once it is known how the answer went. */
      settle(end: AdmissionEnd, nowMs: number): void;
    }
  | { readonly type: 'refused'; readonly refusal: Refusal };

/** How a request ended that was let in. */
export interface AdmissionEnd {
  /** False: the provider never began to answer, so nothing counts. */
  readonly begun: boolean;
  readonly outputTokens: number;
}

type Bucket = 'requests' | 'inputTokens' | 'outputTokens';
type Buckets = Readonly<Record<Bucket, TokenBucket | null>>;

/** Keys times models; beyond it the least recently used begin with full buckets again. */
const ownersMax = 10_000;

/** Makes full buckets for everyone. Ollama and batches have none: nothing is limited there. */
export function createRateLimiter(limits: Limits): RateLimiter {
  const owners = new Map<string, Buckets>();
  const bucketsOf = (asked: Asked, nowMs: number): Buckets => {
    if (asked.batch || asked.model.provider === 'ollama') return noBuckets;
    return owners.get(ownerOf(asked)) ?? fullBuckets(limits, asked, nowMs);
  };
  const keep = (asked: Asked, buckets: Buckets): void => {
    if (buckets === noBuckets) return;
    const owner = ownerOf(asked);
    owners.delete(owner);
    owners.set(owner, buckets);
    const [oldest] = owners.keys();
    if (owners.size > ownersMax && oldest !== undefined) owners.delete(oldest);
  };
  const charge = (asked: Asked, charges: Charges, nowMs: number): void =>
    keep(asked, charged(bucketsOf(asked, nowMs), charges, nowMs));

  return {
    stateFor: (asked, nowMs) => stateOf(bucketsOf(asked, nowMs), nowMs),
    admit(asked, input, nowMs) {
      const charges = chargesFor(asked, input);
      const before = bucketsOf(asked, nowMs);
      const refusal = refusalFor(before, { asked, charges, nowMs });
      if (refusal !== null) return { type: 'refused', refusal };
      charge(asked, charges, nowMs);
      return {
        type: 'admitted',
        limits: stateOf(bucketsOf(asked, nowMs), nowMs),
        settle({ begun, outputTokens }, endedMs) {
          if (asked.model.provider !== 'anthropic') return;
          const correction = begun ? { outputTokens } : { inputTokens: -charges.inputTokens };
          charge(asked, { ...noCharges, ...correction }, endedMs);
        },
      };
    },
  };
}

function ownerOf({ key, model }: Asked): string {
  return `${model.provider}/${model.name} ${key}`;
}

const noBuckets: Buckets = Object.freeze({ requests: null, inputTokens: null, outputTokens: null });

function fullBuckets(limits: Limits, { model }: Asked, nowMs: number): Buckets {
  const bucket = (limit: number | null) => (limit === null ? null : fullBucket(limit, nowMs));
  return {
    requests: bucket(limits.requestsPerMinute),
    inputTokens: bucket(limits.inputTokensPerMinute),
    outputTokens: model.provider === 'anthropic' ? bucket(limits.outputTokensPerMinute) : null,
  };
}

type Charges = Readonly<Record<Bucket, number>>;

const noCharges: Charges = Object.freeze({ requests: 0, inputTokens: 0, outputTokens: 0 });

/**
 * What a request costs at admission. Anthropic: all input but cache reads, and output only once it is made.
 * OpenAI: the larger of the whole prompt and the most output asked for; a model's own maximum counts as not asked.
 */
function chargesFor({ model, request }: Asked, input: InputUsage): Charges {
  const written = input.inputTokens + input.cacheWrite5mTokens + input.cacheWrite1hTokens;
  if (model.provider === 'anthropic') return { requests: 1, inputTokens: written, outputTokens: 0 };
  const askedOutput = request.outputTokensMax < model.outputTokensMax ? request.outputTokensMax : 0;
  return {
    requests: 1,
    inputTokens: Math.max(askedOutput, written + input.cacheReadTokens),
    outputTokens: 0,
  };
}

function charged(buckets: Buckets, charges: Charges, nowMs: number): Buckets {
  if (buckets === noBuckets) return buckets;
  const one = (name: Bucket) => {
    const bucket = buckets[name];
    return bucket === null ? null : take(bucket, charges[name], nowMs);
  };
  return { requests: one('requests'), inputTokens: one('inputTokens'), outputTokens: one('outputTokens') };
}

interface Judged {
  readonly asked: Asked;
  readonly charges: Charges;
  readonly nowMs: number;
}

function refusalFor(buckets: Buckets, { asked, charges, nowMs }: Judged): Refusal | null {
  for (const name of ['requests', 'inputTokens', 'outputTokens'] as const) {
    const bucket = buckets[name];
    // What was used up is refused even to those who need nothing of it yet.
    const needed = Math.max(1, charges[name]);
    if (bucket === null || levelAt(bucket, nowMs) >= needed) continue;
    return {
      code: 'rate-limited',
      said: `${bucket.limit.toLocaleString('en-US')} ${wordsFor(name, asked)} per minute`,
      retryAfterS: Math.max(1, Math.ceil(waitMsFor(bucket, needed, nowMs) / 1000)),
      limits: stateOf(buckets, nowMs),
      promptTokens: 0,
    };
  }
  return null;
}

function wordsFor(bucket: Bucket, { model }: Asked): string {
  if (bucket === 'requests') return 'requests';
  if (model.provider !== 'anthropic') return 'tokens';
  return bucket === 'inputTokens' ? 'input tokens' : 'output tokens';
}

function stateOf(buckets: Buckets, nowMs: number): LimitState {
  const one = (bucket: TokenBucket | null) => (bucket === null ? null : windowOf(bucket, nowMs));
  return {
    requests: one(buckets.requests),
    inputTokens: one(buckets.inputTokens),
    outputTokens: one(buckets.outputTokens),
  };
}
