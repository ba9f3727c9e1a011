import { type Clock, type CountTokens, type Model, ok } from '../../core/index.ts';
import { createAccounts } from '../economy/accounts.ts';
import type { SimPrice } from '../economy/money.ts';
import { createPromptCache } from '../economy/prompt-cache.ts';
import { createRateLimiter } from '../economy/rate-limits.ts';
import { offlineModel } from '../offline/offline.ts';
import { createBrain } from './brain/create-brain.ts';
import { type Controls, controlEndpoints } from './control.ts';
import { createFaults } from './faults.ts';
import { parseProfile } from './parse-profile.ts';
import type { Profile } from './profile.ts';
import { createRequestLog, type RequestLog } from './request-log.ts';
import { type Behaviour, createSimulation } from './simulation.ts';
import type { Endpoint, OpenWire, SimModel } from './wire.ts';

/** What a simulated provider is made of. */
export interface DeskOptions {
  /** How it behaves: see `parseProfile`. */
  readonly profile: Profile;
  /** The providers' APIs that it speaks. */
  readonly wires: readonly OpenWire[];
  readonly models: readonly SimModel[];
  readonly countTokens: CountTokens;
  readonly clock: Clock;
  /** What a model costs, by `provider/name`; null: nobody knows. */
  readonly priceOf: (modelId: string) => SimPrice | null;
  /** The shortest prefix that a model's prompt cache keeps, by `provider/name`; null: 1,024 tokens. */
  readonly cachePrefixTokensMin: (modelId: string) => number | null;
}

/** All that answers requests, whatever brings them. */
export interface Desk {
  readonly endpoints: readonly Endpoint[];
  readonly controls: Controls;
  readonly log: RequestLog;
  readonly clock: Clock;
  /** By the simulator's clock, which may be ahead of `clock`. */
  now(): number;
  /** Says whether a call is to be hung up on, instead of being answered. */
  hangsUp(signal: AbortSignal): boolean;
}

/** Puts a simulated provider together. */
export function openDesk(options: DeskOptions): Desk {
  const { clock, countTokens, models } = options;
  const offline = offlineModel({ countTokens });
  let behaviour = behaviourOf(options.profile, offline, countTokens);
  let aheadMs = 0;
  const now = () => clock.now() + aheadMs;
  const accounts = createAccounts(options.priceOf);
  const log = createRequestLog();
  const abandoned = new WeakSet<AbortSignal>();
  const simulation = createSimulation({
    behaviour: () => behaviour,
    cache: createPromptCache(options.cachePrefixTokensMin),
    accounts,
    models,
    countTokens,
    now,
    newId: createIds(),
    hangUp: (signal) => abandoned.add(signal),
  });
  const controls: Controls = {
    accounts: accounts.read,
    resetAccounts: accounts.reset,
    requests: log.last,
    advance(ms) {
      aheadMs += ms;
      return now();
    },
    replaceProfile(data) {
      const profile = parseProfile(data, models);
      if (!profile.ok) return profile;
      behaviour = behaviourOf(profile.value, offline, countTokens);
      return ok(null);
    },
  };
  const endpoints = options.wires.flatMap((openWire) => openWire(simulation));
  return {
    endpoints: [...endpoints, ...controlEndpoints(controls)],
    controls,
    log,
    clock,
    now,
    hangsUp: (signal) => abandoned.has(signal),
  };
}

function behaviourOf(profile: Profile, offline: Model, countTokens: CountTokens): Behaviour {
  return {
    profile,
    brain: createBrain(profile, { offline, countTokens }),
    limiter: createRateLimiter(profile.limits),
    strikeOf: createFaults(profile.faults, profile.seed),
  };
}

/** As many digits as the ids of providers have, about. */
const idDigits = 20;

function createIds(): (prefix: string) => string {
  let count = 0;
  return (prefix) => {
    count += 1;
    return prefix + count.toString(36).padStart(idDigits, '0');
  };
}
