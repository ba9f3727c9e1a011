import { type Model, type ModelRequest, ok, type Result } from '../../core/index.ts';
import { cachePrefixTokensMin } from '../model-facts.ts';
import { cacheTermsOf } from './cache-lives.ts';
import { type Gate, gated, type Passage } from './gate.ts';
import type { RequestPrefixes } from './prefix-key.ts';
import type { CountRequest } from './request-counter.ts';
import { prefixKey } from './reuse.ts';
import type { Prefix, Warmth, WarmUse } from './warmth.ts';

/** How a model's prefixes are warmed. */
export interface WarmedOptions {
  readonly warmth: Warmth;
  readonly job: string;
  /**
   * Whether it is worth waiting for a first request: where writing to the cache costs, or nothing can be read from it
   * before an answer has begun.
   */
  readonly isWorthWaiting: boolean;
  readonly tokensOf: CountRequest;
}

/**
 * Lets one of several requests write the prefix they share to the provider's cache. The others start at its first
 * byte and read it. Requests with other tools share no prefix and never wait.
 */
export function warmed(model: Model, options: WarmedOptions): Model {
  return gated(model, [warmthGate(model.id, options)]);
}

/** The gate of `warmed`. */
export function warmthGate(modelId: string, { warmth, job, isWorthWaiting, tokensOf }: WarmedOptions): Gate {
  const terms = cacheTermsOf(modelId);
  const tokensMin = cachePrefixTokensMin(modelId) ?? 0;
  // A lane's requests have the same prefixes: what is to be done about them is worked out once.
  const plans = new WeakMap<RequestPrefixes, Plan>();

  function planOf(request: ModelRequest, prefixes: RequestPrefixes): Plan {
    const { whole, marked } = prefixes;
    const waited = (isWorthWaiting ? marked : []).flatMap(({ identity, life, blocks }): Prefix[] => {
      const key = prefixKey(modelId, identity);
      const tokens = warmth.tokensOf(key, () => tokensOf(beginning(request, blocks)));
      return tokens < tokensMin ? [] : [{ key, keptMs: terms[life].keptMs }];
    });
    const plan = {
      waited,
      whole: prefixKey(modelId, whole),
      marked: marked.map(({ hash }) => prefixKey(modelId, hash)),
    };
    plans.set(prefixes, plan);
    return plan;
  }

  return {
    enter(request, signal) {
      const prefixes = warmth.prefixesOf(request);
      const { waited, whole, marked } = plans.get(prefixes) ?? planOf(request, prefixes);
      warmth.reuse.note({ model: modelId, whole, marked, conversation: `${job} ${request.lane}` });
      const entered = warmth.enter(waited, signal);
      return entered instanceof Promise ? entered.then(passed) : passed(entered);
    },
  };
}

interface Plan {
  /** Worth waiting for until somebody has written them. */
  readonly waited: readonly Prefix[];
  readonly whole: string;
  readonly marked: readonly string[];
}

function passed(entered: Result<WarmUse>): Result<Passage> {
  if (!entered.ok) return entered;
  const use = entered.value;
  return ok({
    see(event) {
      if (event.type === 'begun' || (event.type === 'end' && event.end.type === 'reply')) use.begun();
      return event;
    },
    leave: use.over,
  });
}

/** The first blocks of a request, and the tools that stand before them. */
function beginning({ lane, tools, system, outputTokensMax }: ModelRequest, blocks: number): ModelRequest {
  return { lane, tools, system: system.slice(0, blocks), messages: [], outputTokensMax };
}
