import {
  type AdmissionWant,
  type RateLimits,
  totalInputTokens,
  totalOutputTokens,
  type Usage,
} from '../../core/index.ts';
import { type Bucket, createBucket } from './bucket.ts';

/** Limits that a person sets for an account, each per minute. Absent: what the provider says of it. */
export interface MeterLimits {
  readonly requestsPerMinute?: number;
  readonly inputTokensPerMinute?: number;
  readonly outputTokensPerMinute?: number;
  /** Input and output together, where a provider counts them so. */
  readonly tokensPerMinute?: number;
}

/** Keeps count of what an account's rate limits have left. */
export interface Meter {
  /** How long until a request may go out, in ms, when so many like it go before. */
  waitMs(want: AdmissionWant, ahead: number): number;
  /** Counts a request that goes out. */
  open(want: AdmissionWant): Metered;
}

/** A request that is out, and counted. */
export interface Metered {
  learn(limits: RateLimits): void;
  /** Puts right what was only guessed. Once. */
  close(usage: Usage | undefined): void;
}

/** Makes a meter that is full and knows only the limits that were set. */
export function createMeter(now: () => number, limits: MeterLimits): Meter {
  const bucket = (limit: number | undefined): Bucket => createBucket({ now, limit: limit ?? null });
  const buckets: Buckets = {
    requests: bucket(limits.requestsPerMinute),
    inputTokens: bucket(limits.inputTokensPerMinute),
    outputTokens: bucket(limits.outputTokensPerMinute),
    tokens: bucket(limits.tokensPerMinute),
  };
  const unseen = { requests: 0, inputTokens: 0, outputTokens: 0, tokens: 0 };
  return {
    waitMs(want, ahead) {
      const charge = chargeOf(want);
      let longest = 0;
      for (const name of names) {
        const waitMs = buckets[name].waitMs(Math.max(1, charge[name]), ahead * charge[name]);
        if (waitMs > longest) longest = waitMs;
      }
      return longest;
    },
    open: (want) => metered(buckets, unseen, chargeOf(want)),
  };
}

type Name = 'requests' | 'inputTokens' | 'outputTokens' | 'tokens';
type Buckets = Readonly<Record<Name, Bucket>>;
type Amounts = Record<Name, number>;

const names: readonly Name[] = Object.freeze(['requests', 'inputTokens', 'outputTokens', 'tokens'] as const);

/**
 * What a request is counted as before anybody knows. Output is counted when it was made, as Anthropic does; where input
 * and output are counted together, the larger of both (OpenAI, "Rate limits").
 */
function chargeOf({ inputTokens, outputTokensMax }: AdmissionWant): Readonly<Amounts> {
  return { requests: 1, inputTokens, outputTokens: 0, tokens: Math.max(inputTokens, outputTokensMax) };
}

function metered(buckets: Buckets, unseen: Amounts, charge: Readonly<Amounts>): Metered {
  let isSeen = false;
  for (const name of names) {
    buckets[name].take(charge[name]);
    unseen[name] += charge[name];
  }
  // Requests that are still on their way may not be in what the provider says is left: they are taken off it.
  function seen(): void {
    if (!isSeen) for (const name of names) unseen[name] -= charge[name];
    isSeen = true;
  }
  let isTold = false;
  return {
    learn(limits) {
      seen();
      isTold = true;
      for (const name of names) {
        const window = limits[name];
        // Where input is counted apart, `tokens` only repeats whichever limit is nearest (Anthropic, "Rate limits").
        if (window === undefined || (name === 'tokens' && limits.inputTokens !== undefined)) continue;
        buckets[name].learn(window, unseen[name]);
      }
    },
    close(usage) {
      seen();
      if (usage === undefined) return;
      const [input, output] = [totalInputTokens(usage), totalOutputTokens(usage)];
      buckets.outputTokens.take(output);
      if (isTold) return;
      const read = usage.cacheReadTokens === 'unknown' ? 0 : usage.cacheReadTokens;
      // What is read from a cache is not counted where input is counted apart (Anthropic, "Rate limits").
      buckets.inputTokens.take(input - read - charge.inputTokens);
      buckets.tokens.take(input + output - charge.tokens);
    },
  };
}
