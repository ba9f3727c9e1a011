/**
 * The name under which a model's facts are filed: no date, no routing.
 * `anthropic/claude-haiku-4-5-20251001` and `openrouter/anthropic/claude-haiku-4.5` are both `anthropic/claude-haiku-4-5`.
 */
export function plainModelId(id: string): string {
  // These three OpenRouter passes on at their own list price; others it buys from whoever is cheapest.
  const direct = id.replace(/^openrouter\/(?=(anthropic|openai|google)\/)/, '');
  // Other doors of the same provider: its older wire, and its cloud.
  const plain = direct.replace(/^openai-chat\//, 'openai/').replace(/^vertex\/google\//, 'google/');
  const undated = plain.replace(/[-@](\d{8}|\d{4}-\d{2}-\d{2}|latest)$/, '');
  return undated.startsWith('anthropic/') ? undated.replaceAll('.', '-') : undated;
}

/**
 * The name under which what a model can do is filed.
 * On Azure that is the model's after which a deployment is named. Not for prices: those are the region's there.
 */
export function servedModelId(id: string): string {
  const named = id.replace(/^azure(-chat)?\/(?=(gpt-|o\d|chatgpt-))/, 'openai/');
  // Azure's spelling.
  return plainModelId(named.replace(/^openai\/gpt-35/, 'openai/gpt-3.5'));
}

/** The largest request plus reply of a model, in tokens. 128,000 where nothing is known. */
export function contextTokensMaxOf(id: string): number {
  return knownContextTokensMaxOf(id) ?? 128_000;
}

/** As `contextTokensMaxOf`, but null where nothing is known. */
export function knownContextTokensMaxOf(id: string): number | null {
  return firstMatch(contextTokens, id);
}

/** The shortest prefix a provider's prompt cache keeps, in tokens; null where nothing is known. */
export function cachePrefixTokensMin(id: string): number | null {
  return firstMatch(cachePrefixTokens, id);
}

/** How many of a model's tokens one token counted here stands for. Measured on prose; code runs higher. */
export function tokenFactor(id: string): number {
  return firstMatch(tokenFactors, id) ?? 1;
}

type Facts = readonly (readonly [pattern: RegExp, value: number])[];

function firstMatch(facts: Facts, id: string): number | null {
  const plain = servedModelId(id);
  return facts.find(([pattern]) => pattern.test(plain))?.[1] ?? null;
}

const million = 1_000_000;

/** Providers' model pages, August to November 2026. Where a page was not to be had, the smaller size known of the family. */
const contextTokens: Facts = Object.freeze([
  [/^anthropic\/claude-(opus-4-5|sonnet-4(?!-6)|haiku|3)/, 200_000],
  [/^anthropic\/claude-(fable|mythos|opus-5|opus-4-[678]|sonnet-5|sonnet-4-6)/, million],
  [/^anthropic\//, 200_000],
  [/^openai\/gpt-(5\.[456]|6)/, 1_050_000],
  [/^openai\/gpt-5/, 400_000],
  [/^openai\/gpt-4\.1/, 1_047_576],
  [/^openai\/gpt-4(-\d{4})?$/, 8192],
  [/^openai\/gpt-3\.5/, 16_385],
  [/^google\/gemini-/, 1_048_576],
  [/^deepseek\/deepseek-v4/, million],
  [/^moonshot(ai)?\/kimi-k3/, million],
  [/^moonshot(ai)?\/kimi-k2/, 262_144],
  [/^groq\//, 131_072],
  [/^(xai|x-ai)\/grok-4/, 500_000],
  // What a server with a mid-sized graphics card gives by default (Ollama, "Context length").
  [/^ollama\//, 32_768],
] satisfies Facts);

/** Anthropic, "Prompt caching" (2026-08, newer models by third-party tables of 2026-10); OpenAI and Gemini, same titles. */
const cachePrefixTokens: Facts = Object.freeze([
  [/^anthropic\/claude-(fable-5|mythos-5|opus-5|sonnet-5-5|haiku-5-5)/, 512],
  [/^anthropic\/claude-(opus-4-8|sonnet-5|sonnet-4|opus-4-1|opus-4$)/, 1024],
  [/^anthropic\/claude-(opus-4-7|mythos-preview|3-5-haiku|haiku-3-5)/, 2048],
  [/^anthropic\/claude-(opus-4-[56]|haiku-4-5)/, 4096],
  [/^openai\/gpt-/, 1024],
  [/^google\/gemini-3/, 4096],
  [/^google\/gemini-2\.5/, 2048],
] satisfies Facts);

/**
 * Counted with o200k_base, which is OpenAI's own. Claude 4.7 and later: English prose 1.3 (3.60 against about
 * 4.6 characters a token); before: 15 to 20 % above (Anthropic's API skill, 2026-07).
 */
const tokenFactors: Facts = Object.freeze([
  [/^anthropic\/claude-(opus-4-[0-6]|sonnet-4|haiku-4|3)/, 1.2],
  [/^anthropic\//, 1.3],
] satisfies Facts);
