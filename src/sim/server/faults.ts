import type { FaultRule } from './profile.ts';
import { randomAt } from './random.ts';
import type { Asked, Delivery, Refusal } from './wire.ts';

/** What goes wrong with one request. */
export interface Strike {
  /** Refused, and why; null: it is answered. */
  readonly refusal: Pick<Refusal, 'code' | 'said' | 'retryAfterS'> | null;
  readonly mishap: Delivery['mishap'];
  /** Added to the wait for the first byte. */
  readonly waitMs: number;
  /** What the model gets wrong; null: nothing. */
  readonly lapse: 'wrong-arguments' | 'broken-arguments' | 'refusal' | null;
}

/** Where an answer breaks off and how late it comes, where a profile does not say. */
const throughUsual = 0.5;
const waitMsUsual = 10_000;

/**
 * Makes what decides which faults strike a request. Each rule counts the requests it is meant for, from 1.
 * Of several refusals the first one listed is told; of several mishaps and lapses the first one happens.
 */
export function createFaults(rules: readonly FaultRule[], seed: number): (asked: Asked) => Strike {
  const counts = rules.map(() => 0);
  return (asked) => {
    const striking = rules.filter((rule, place) => {
      if (!isMeantFor(rule, asked)) return false;
      const number = (counts[place] ?? 0) + 1;
      counts[place] = number;
      return strikes(rule, number, randomAt(seed, place, number));
    });
    return {
      refusal: striking.map(refusalOf).find((refusal) => refusal !== null) ?? null,
      mishap: striking.map(mishapOf).find((mishap) => mishap !== null) ?? null,
      waitMs: striking.reduce((sum, rule) => sum + waitMsOf(rule), 0),
      lapse: striking.map(lapseOf).find((lapse) => lapse !== null) ?? null,
    };
  };
}

function isMeantFor({ model, wire }: FaultRule, asked: Asked): boolean {
  const { provider, name } = asked.model;
  return (
    (model === undefined || model === name || model === `${provider}/${name}`) &&
    (wire === undefined || wire === asked.wire)
  );
}

function strikes({ rate, at, every }: FaultRule, number: number, random: number): boolean {
  if (at !== undefined) return at.includes(number);
  if (every !== undefined) return number % every === 0;
  return rate === undefined || random < rate;
}

function refusalOf({ fault, ...rule }: FaultRule): Strike['refusal'] {
  const retryAfterS = rule.retryAfterS ?? null;
  switch (fault) {
    case 'rate-limited':
      return { code: fault, said: 'requests per minute', retryAfterS };
    case 'overloaded':
      return { code: fault, said: 'the model is overloaded', retryAfterS };
    case 'server-error':
      return { code: fault, said: 'something broke inside', retryAfterS: null };
    case 'quota-exhausted':
      return { code: fault, said: 'the credit of this key is used up', retryAfterS: null };
    case 'bad-key':
      return { code: fault, said: 'this key is not valid', retryAfterS: null };
    case 'context-overflow':
      return { code: fault, said: 'the prompt is longer than the model can read', retryAfterS: null };
    case 'hang-up':
      return { code: 'hangs-up', said: 'the connection is closed', retryAfterS: null };
    default:
      return null;
  }
}

function mishapOf({ fault, through = throughUsual }: FaultRule): Strike['mishap'] {
  switch (fault) {
    case 'cut':
    case 'stall':
    case 'malformed':
      return { type: fault, at: through };
    case 'overloaded-midway':
      return { type: 'overloaded', at: through };
    default:
      return null;
  }
}

function waitMsOf({ fault, waitMs = waitMsUsual }: FaultRule): number {
  return fault === 'slow-first-byte' ? waitMs : 0;
}

function lapseOf({ fault }: FaultRule): Strike['lapse'] {
  return fault === 'wrong-arguments' || fault === 'broken-arguments' || fault === 'refusal' ? fault : null;
}
