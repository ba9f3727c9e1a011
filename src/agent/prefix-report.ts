import {
  type CacheMarks,
  type PrefixBreak,
  planMarks,
  prefixBreak,
  redactSecrets,
  type StaticTokens,
  type VolatileFinding,
} from '../context/index.ts';
import { type CacheLife, noUsage, type PrefixStart, type Run } from '../core/index.ts';
import type { Assignment, Role } from './role.ts';

/** How an agent run is cached: decided when it begins, the same for all its requests. */
export interface LanePlan {
  /** Id of the model that answers, `provider/name`. */
  readonly model: string;
  readonly marks: CacheMarks;
  /** Of the static part, counted here. */
  readonly tokens: StaticTokens;
  /** Tokens of the model for one counted here, as far as is known before it has answered. */
  readonly factor: number;
  readonly start: PrefixStart;
}

/** Plans the lane of an agent run. */
export function planLane({ role }: Assignment, run: Run): LanePlan {
  const { caching, countTokens } = run;
  const model = run.model(role.model).id;
  return {
    model,
    marks: planMarks(role.prefix, { model, caching, countTokens, rolling: useOf(role) }),
    tokens: role.prefix.tokens(countTokens),
    factor: caching.tokenFactor(model),
    start: caching.beginWith(role.name, role.prefix),
  };
}

/** Without tools there is one request to make; who delegates waits for others before the next. */
function useOf({ tools }: Role): 'once' | 'waiting' | 'turns' {
  if (tools.length === 0) return 'once';
  return tools.some(({ name }) => name === 'delegate') ? 'waiting' : 'turns';
}

/** Tells when a static part is too short to be cached, or has changed. Once a job. */
export function reportPrefix({ role, key }: Assignment, plan: LanePlan, run: Run): void {
  const { model, tokens, factor, marks, start } = plan;
  const sent = Math.round(tokens.total * factor);
  if (start.isFirst && sent < marks.tokensMin)
    run.emit({ type: 'prefix-short', agent: role.name, model, tokens: sent, tokensMin: marks.tokensMin });
  if (start.before === null) return;
  const broken = prefixBreak(start.before, role.prefix, run.countTokens);
  if (broken === null) return;
  const lostTokens = marks.own === null ? 0 : Math.round(broken.lostTokens * factor);
  emitBreak({ ...broken, lostTokens }, { agent: role.name, key, model, life: marks.own }, run);
}

/** Tells that a request does not extend the one before it, and what that costs. */
export function reportBreak(
  broken: PrefixBreak,
  {
    assignment,
    plan,
    ratio,
  }: { readonly assignment: Assignment; readonly plan: LanePlan; readonly ratio: number },
  run: Run,
): void {
  const lostTokens = Math.round(broken.lostTokens * ratio);
  const { model, marks } = plan;
  const where = { agent: assignment.role.name, key: assignment.key, model, life: marks.rolling ?? marks.own };
  emitBreak({ ...broken, lostTokens }, where, run);
}

interface BreakPlace {
  readonly agent: string;
  readonly key: string;
  readonly model: string;
  readonly life: CacheLife | null;
}

function emitBreak(broken: PrefixBreak, { life, ...place }: BreakPlace, run: Run): void {
  const lostMicroUsd = lostMoney(broken.lostTokens, { model: place.model, life }, run);
  run.emit({ type: 'prefix-break', ...place, ...broken, lostMicroUsd });
}

/**
 * Tells what the volatile values of an agent cost every job, when it has run. Once a job.
 * Where a static part is too short for the cache nothing is lost yet, and the value is named all the same.
 */
export function reportVolatile({ role }: Assignment, plan: LanePlan, run: Run): void {
  if (!plan.start.isFirst) return;
  const { model, marks } = plan;
  for (const finding of role.volatile) {
    const { at, place, kind } = finding;
    const value = redactSecrets(finding.value);
    const lostTokens = marks.own === null ? 0 : Math.round(tokensBehind(finding, role, run) * plan.factor);
    const lostMicroUsd = lostMoney(lostTokens, { model, life: marks.own }, run);
    run.emit({ type: 'prefix-volatile', agent: role.name, at, place, kind, value, lostTokens, lostMicroUsd });
  }
}

function tokensBehind({ at, offset }: VolatileFinding, { prefix }: Role, { countTokens }: Run): number {
  const index = prefix.system.findIndex(({ id }) => id === at);
  const rest = prefix.system[index]?.text.slice(offset) ?? '';
  const later = prefix.tokens(countTokens).system.slice(index + 1);
  return later.reduce((sum, tokens) => sum + tokens, countTokens(rest));
}

/** What it costs to write tokens to the cache that could have been read from it, in micro-USD. */
function lostMoney(
  tokens: number,
  { model, life }: { readonly model: string; readonly life: CacheLife | null },
  run: Run,
): number | 'unknown' {
  const bucket =
    life === null ? 'inputTokens' : life === 'long' ? 'cacheWrite1hTokens' : 'cacheWrite5mTokens';
  const written = run.costOf(model, { ...noUsage, [bucket]: tokens });
  const read = run.costOf(model, { ...noUsage, cacheReadTokens: tokens });
  return written === 'unknown' || read === 'unknown' ? 'unknown' : Math.max(0, written - read);
}
