import type { Effort } from '../../core/index.ts';
import { type Capabilities, effortsInOrder, type Thinking } from './capability.ts';

/** Models of one kind: those whose plain id matches. */
export type CapabilityRow = readonly [pattern: RegExp, capabilities: Capabilities];

const toMax = effortsInOrder;
const toXhigh: readonly Effort[] = Object.freeze(['low', 'medium', 'high', 'xhigh']);
const toHigh: readonly Effort[] = Object.freeze(['low', 'medium', 'high']);
/** Before `xhigh` was invented. */
const withoutXhigh: readonly Effort[] = Object.freeze(['low', 'medium', 'high', 'max']);

/** It decides by itself; a budget is rejected with 400. */
const adaptive: Thinking = Object.freeze({ byDefault: true, adaptive: true, budget: null, offUpTo: 'max' });
const alwaysAdaptive: Thinking = Object.freeze({ ...adaptive, offUpTo: null });
/** Told not to think at `xhigh` or `max`, it answers with 400. */
const adaptiveToHigh: Thinking = Object.freeze({ ...adaptive, offUpTo: 'high' });
const adaptiveIfAsked: Thinking = Object.freeze({ ...adaptive, byDefault: false });

/** At least 1,024 tokens (Anthropic, "Extended thinking"), and as many must be left to answer with. */
function budgeted(outputTokensMax: number): Thinking {
  const budget = Object.freeze({
    tokensMin: 1024,
    tokensMax: outputTokensMax - 1024,
    besideEffort: true,
  });
  return Object.freeze({ byDefault: false, adaptive: false, budget, offUpTo: 'max' });
}

const noThinking: Thinking = Object.freeze({ ...adaptiveIfAsked, adaptive: false });

function claude(efforts: readonly Effort[], thinking: Thinking, outputTokensMax = 128_000): Capabilities {
  return Object.freeze({ efforts, thinking, sees: true, outputTokensMax });
}

/**
 * What Claude takes, newest first: the first match counts.
 * Anthropic, "Thinking", "Effort", the model pages and the migration guides of Opus 5, Opus 5.5, Sonnet 5, Sonnet 5.5
 * and Haiku 5.5 (2026-08 to 2026-11).
 */
export const claudeRows: readonly CapabilityRow[] = Object.freeze([
  [/^anthropic\/claude-(fable|mythos)-5/, claude(toMax, alwaysAdaptive)],
  [/^anthropic\/claude-opus-5-5/, claude(toMax, alwaysAdaptive)],
  [/^anthropic\/claude-(opus-5|haiku-5-5|sonnet-5-5)/, claude(toMax, adaptiveToHigh)],
  [/^anthropic\/claude-sonnet-5/, claude(toMax, adaptive)],
  [/^anthropic\/claude-opus-4-[78]/, claude(toMax, adaptiveIfAsked)],
  [/^anthropic\/claude-mythos-preview/, claude(withoutXhigh, alwaysAdaptive)],
  // The last that take both; the budget is deprecated there.
  [
    /^anthropic\/claude-(opus|sonnet)-4-6/,
    claude(withoutXhigh, Object.freeze({ ...budgeted(128_000), adaptive: true })),
  ],
  [/^anthropic\/claude-opus-4-5/, claude(toHigh, budgeted(64_000), 64_000)],
  [/^anthropic\/claude-(sonnet|haiku)-4-5/, claude([], budgeted(64_000), 64_000)],
  [/^anthropic\/claude-(3-7-sonnet|sonnet-4)/, claude([], budgeted(64_000), 64_000)],
  [/^anthropic\/claude-opus-4/, claude([], budgeted(32_000), 32_000)],
  [/^anthropic\/claude-3-5/, claude([], noThinking, 8192)],
  [/^anthropic\/claude-3/, claude([], noThinking, 4096)],
] satisfies CapabilityRow[]);

function gpt(efforts: readonly Effort[], thinking: Thinking, outputTokensMax = 128_000): Capabilities {
  return Object.freeze({ efforts, thinking, sees: true, outputTokensMax });
}

/** Effort is the only word for thinking on this wire, and `none` is how it is told not to. */
const silenced: Thinking = Object.freeze({ byDefault: true, adaptive: true, budget: null, offUpTo: 'max' });
const always: Thinking = Object.freeze({ ...silenced, offUpTo: null });

/** What OpenAI's models take. "Reasoning" and the model pages; refusals quoted in public threads (2025-11 to 2026-10). */
export const gptRows: readonly CapabilityRow[] = Object.freeze([
  [/^openai\/gpt-(6|5\.[6-9])/, gpt(toMax, silenced)],
  [/^openai\/gpt-5(\.\d+)?-chat/, gpt([], noThinking, 16_384)],
  [/^openai\/gpt-5-pro/, gpt(['high'], always)],
  [/^openai\/gpt-5\.\d+-pro/, gpt(['medium', 'high', 'xhigh'], always)],
  [/^openai\/gpt-5\.[1-3]-codex-max/, gpt(toXhigh, always)],
  [/^openai\/gpt-5\.1-codex/, gpt(toHigh, always)],
  [/^openai\/gpt-5\.[2-5].*-codex/, gpt(toXhigh, always)],
  [/^openai\/gpt-5\.[2-5]/, gpt(toXhigh, silenced)],
  [/^openai\/gpt-5\.1/, gpt(toHigh, silenced)],
  [/^openai\/gpt-5/, gpt(toHigh, always)],
  [/^openai\/o(1|3|4)-mini/, Object.freeze({ ...gpt(toHigh, always, 100_000), sees: null })],
  [/^openai\/o[134]/, gpt(toHigh, always, 100_000)],
  [/^openai\/gpt-4\.1/, gpt([], noThinking, 32_768)],
  [/^openai\/(gpt-4o|chatgpt-4o)/, gpt([], noThinking, 16_384)],
  [/^openai\/gpt-4-turbo/, gpt([], noThinking, 4096)],
  [/^openai\/gpt-(4|3\.5)/, Object.freeze({ ...gpt([], noThinking, 4096), sees: false })],
] satisfies CapabilityRow[]);

function gemini(thinking: Thinking): Capabilities {
  return Object.freeze({ efforts: toHigh, thinking, sees: true, outputTokensMax: 65_536 });
}

function geminiBudget(tokensMin: number, tokensMax: number): Thinking {
  const budget = Object.freeze({ tokensMin, tokensMax, besideEffort: false });
  return Object.freeze({ byDefault: true, adaptive: true, budget, offUpTo: 'max' });
}

/** What Gemini takes. Google, "Thinking" and "OpenAI compatibility" (2026-06). From 3 on there are levels instead of budgets. */
export const geminiRows: readonly CapabilityRow[] = Object.freeze([
  [/^google\/gemini-2\.5-pro/, gemini(Object.freeze({ ...geminiBudget(128, 32_768), offUpTo: null }))],
  [/^google\/gemini-2\.5-flash-lite/, gemini(geminiBudget(512, 24_576))],
  [/^google\/gemini-2\.5-flash/, gemini(geminiBudget(1, 24_576))],
  [/^google\/gemini-/, gemini(always)],
] satisfies CapabilityRow[]);

function groq(outputTokensMax: number, sees = false): Capabilities {
  return Object.freeze({ efforts: [], thinking: noThinking, sees, outputTokensMax });
}

/** What models take at Groq, which refuses a longer answer. Public tables of models; where they differ, the smaller. */
export const groqRows: readonly CapabilityRow[] = Object.freeze([
  [/^groq\/openai\/gpt-oss/, Object.freeze({ ...groq(32_768), efforts: toHigh, thinking: always })],
  [/^groq\/meta-llama\/llama-4/, groq(8192, true)],
  [/^groq\/llama-3\.3-70b/, groq(32_768)],
  [/^groq\/moonshotai\/kimi-k2/, groq(16_384)],
  // It knows no effort but `none` and `default`.
  [/^groq\/qwen\/qwen3-32b/, Object.freeze({ ...groq(16_384), efforts: null, thinking: null })],
  [/^groq\//, Object.freeze({ efforts: null, thinking: null, sees: null, outputTokensMax: 8192 })],
] satisfies CapabilityRow[]);

/** What stands in for a model here: it neither thinks nor sees. */
export const localRows: readonly CapabilityRow[] = Object.freeze([
  [
    /^offline(\/|$)/,
    Object.freeze({ efforts: [], thinking: noThinking, sees: false, outputTokensMax: null }),
  ],
] satisfies CapabilityRow[]);
