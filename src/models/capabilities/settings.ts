import { type Effort, type Failure, failure, type ModelRequest } from '../../core/index.ts';
import { capabilitiesOf } from './capabilities-of.ts';
import { type Capabilities, effortsInOrder } from './capability.ts';

/** What an author says about how hard a model should think. */
export type ThinkingSettings = Partial<Pick<ModelRequest, 'effort' | 'thinkingTokensMax'>>;

/** The name of one of these settings. */
export type ThinkingSetting = keyof ThinkingSettings;

/**
 * Refuses settings that a model does not take; null where it takes them.
 * The one line says what it takes instead. Models nobody here knows, and `offline`, are never refused.
 */
export function refuseSettings(modelId: string, settings: ThinkingSettings): Failure | null {
  if (modelId.startsWith('offline')) return null;
  const [refused] = refusedSettings(modelId, settings);
  return refused === undefined ? null : failure('wrong-team', refused.why);
}

/** The names of the settings a model does not take. Adapters leave them out of what they send. */
export function unsupportedSettings(modelId: string, settings: ThinkingSettings): readonly ThinkingSetting[] {
  return refusedSettings(modelId, settings).map(({ setting }) => setting);
}

interface Refused {
  readonly setting: ThinkingSetting;
  readonly why: string;
}

function refusedSettings(modelId: string, settings: ThinkingSettings): readonly Refused[] {
  const model: Known = { id: modelId, ...capabilitiesOf(modelId) };
  const effort = settings.effort === undefined ? null : effortRefused(model, settings.effort);
  const thinking =
    settings.thinkingTokensMax === undefined
      ? null
      : thinkingRefused(model, settings.thinkingTokensMax, settings.effort);
  return [
    ...(effort === null ? [] : [{ setting: 'effort' as const, why: effort }]),
    ...(thinking === null ? [] : [{ setting: 'thinkingTokensMax' as const, why: thinking }]),
  ];
}

type Known = Capabilities & { readonly id: string };

function effortRefused({ id, efforts, thinking }: Known, effort: Effort): string | null {
  if (efforts === null || efforts.includes(effort)) return null;
  if (efforts.length > 0) return `${id} does not know effort ${effort}: set ${listed(efforts)}.`;
  const budget = thinking?.budget ?? null;
  if (budget === null) return `${id} does not think, so it knows no effort: leave effort out${orChoose(id)}`;
  const least = budget.tokensMin.toLocaleString('en-US');
  return `${id} does not know effort: set thinkingTokens (at least ${least}) instead${orChoose(id)}`;
}

function thinkingRefused(model: Known, tokens: number, effort: Effort | undefined): string | null {
  if (model.thinking === null) return null;
  return tokens === 0 ? silenceRefused(model, effort) : budgetRefused(model, tokens, effort);
}

function silenceRefused({ id, thinking, efforts }: Known, effort: Effort | undefined): string | null {
  const upTo = thinking?.offUpTo;
  if (upTo === null) {
    return `${id} always thinks: leave thinkingTokens 0 out and set effort ${efforts?.[0] ?? 'low'} instead.`;
  }
  if (upTo === undefined || effort === undefined || rank(effort) <= rank(upTo)) return null;
  return `${id} cannot go without thinking at effort ${effort}: set effort ${upTo} or lower, or leave thinkingTokens 0 out.`;
}

function budgetRefused(
  { id, thinking, efforts }: Known,
  tokens: number,
  effort: Effort | undefined,
): string | null {
  const budget = thinking?.budget ?? null;
  if (budget === null) {
    return efforts === null || efforts.length === 0
      ? `${id} does not think: leave thinkingTokens out.`
      : `${id} decides by itself how long it thinks: set effort (${listed(efforts)}) instead of thinkingTokens.`;
  }
  if (effort !== undefined && !budget.besideEffort) {
    return `${id} takes either effort or thinkingTokens: leave one of them out.`;
  }
  if (tokens >= budget.tokensMin && tokens <= budget.tokensMax) return null;
  const [least, most] = [budget.tokensMin, budget.tokensMax].map((each) => each.toLocaleString('en-US'));
  return `${id} takes thinkingTokens from ${least} to ${most}, not ${tokens.toLocaleString('en-US')}.`;
}

function rank(effort: Effort): number {
  return effortsInOrder.indexOf(effort);
}

/** `low, medium or high`. */
function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** A current model of the same provider that knows every effort. */
function orChoose(id: string): string {
  if (id.startsWith('anthropic/')) return ', or choose claude-sonnet-5.';
  return id.startsWith('openai/') ? ', or choose gpt-6-sol.' : '.';
}
