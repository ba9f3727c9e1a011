/** What a model's tokens cost: integer micro-USD per million tokens, one rate for each bucket of `Usage`. */
export interface TokenRates {
  readonly inputMicroUsd: number;
  readonly cacheReadMicroUsd: number;
  readonly cacheWrite5mMicroUsd: number;
  readonly cacheWrite1hMicroUsd: number;
  /** Also for reasoning. */
  readonly outputMicroUsd: number;
}

/** A price list entry, with the day and the place it is known from. */
export interface Price extends TokenRates {
  /** `YYYY-MM` or `YYYY-MM-DD`. */
  readonly asOf: string;
  readonly source: string;
  /** Rates for the whole request once its input, cached tokens included, is above a size. */
  readonly longContext?: TokenRates & { readonly aboveInputTokens: number };
}

/** USD per million tokens, as price pages write it. Absent cache rates: the provider asks the input rate. */
export interface UsdRates {
  readonly input: number;
  readonly output: number;
  readonly read?: number;
  readonly write5m?: number;
  readonly write1h?: number;
}

const anthropicDocs = { asOf: '2026-08', source: 'platform.claude.com/docs, "Pricing"' };
const anthropicTables = {
  asOf: '2026-11-10',
  source: 'third-party price tables (claudit, rightsize, apiyi)',
};
const openaiTables = { asOf: '2026-09-23', source: '@pydantic/genai-prices 0.1.8' };
const openaiNewer = { asOf: '2026-10-26', source: 'third-party price tables (PromptFuel, codexometer)' };
const otherTables = { asOf: '2026-09-23', source: '@pydantic/genai-prices 0.1.8' };

/** Nothing to pay: local, scripted and free models. */
export const freePrice: Price = priceOfUsd(
  { input: 0, output: 0 },
  { asOf: '2026-11', source: 'runs without a bill' },
);

/** Dated prices by `provider/name`, without date suffixes. Overridable by whoever calls `costMicroUsd`. */
export const prices: Readonly<Record<string, Price>> = Object.freeze({
  'anthropic/claude-fable-5-2': claude({ input: 8, read: 0.2, output: 40 }, anthropicTables),
  'anthropic/claude-fable-5-1': claude({ input: 10, read: 0.25, output: 50 }, anthropicTables),
  'anthropic/claude-fable-5': claude({ input: 10, read: 1, output: 50 }, anthropicDocs),
  'anthropic/claude-opus-5-5': claude({ input: 4, read: 0.2, output: 20 }, anthropicTables),
  'anthropic/claude-opus-5': claude({ input: 5, read: 0.5, output: 25 }, anthropicDocs),
  'anthropic/claude-opus-4-8': claude({ input: 5, read: 0.5, output: 25 }, anthropicDocs),
  'anthropic/claude-opus-4-7': claude({ input: 5, read: 0.5, output: 25 }, anthropicDocs),
  'anthropic/claude-opus-4-6': claude({ input: 5, read: 0.5, output: 25 }, anthropicDocs),
  'anthropic/claude-opus-4-5': claude({ input: 5, read: 0.5, output: 25 }, anthropicDocs),
  'anthropic/claude-sonnet-5-5': claude({ input: 2, read: 0.1, output: 10 }, anthropicTables),
  'anthropic/claude-sonnet-5': claude({ input: 2, read: 0.2, output: 10 }, anthropicDocs),
  'anthropic/claude-sonnet-4-6': claude({ input: 3, read: 0.3, output: 15 }, anthropicDocs),
  'anthropic/claude-sonnet-4-5': claude({ input: 3, read: 0.3, output: 15 }, anthropicDocs),
  'anthropic/claude-haiku-5-5': Object.freeze({
    ...claude({ input: 0.1, read: 0.01, output: 0.5 }, anthropicTables),
    longContext: { aboveInputTokens: 100_000, ...claudeRates({ input: 0.5, read: 0.05, output: 2.5 }) },
  }),
  'anthropic/claude-haiku-4-5': claude({ input: 1, read: 0.1, output: 5 }, anthropicDocs),

  'openai/gpt-6-astra': gpt({ input: 10, read: 1, write5m: 12.5, output: 50 }, openaiTables),
  'openai/gpt-6.1-sol': gpt({ input: 2, read: 0.1, write5m: 2.5, output: 10 }, openaiNewer),
  'openai/gpt-6.1-terra': gpt({ input: 1, read: 0.05, write5m: 1.25, output: 5 }, openaiNewer),
  'openai/gpt-6-sol': gpt({ input: 2, read: 0.2, write5m: 2.5, output: 10 }, openaiTables),
  'openai/gpt-6-luna': gpt({ input: 0.1, read: 0.01, write5m: 0.125, output: 0.5 }, openaiTables),
  'openai/gpt-5.6-sol': gpt({ input: 4, read: 0.4, write5m: 5, output: 20 }, openaiTables),
  'openai/gpt-5.6-terra': gpt({ input: 2, read: 0.2, write5m: 2.5, output: 12 }, openaiTables),
  'openai/gpt-5.6-luna': gpt({ input: 0.2, read: 0.02, write5m: 0.25, output: 1.2 }, openaiTables),
  'openai/gpt-5.5': gpt({ input: 5, read: 0.5, output: 30 }, openaiTables),
  'openai/gpt-5.4': gpt({ input: 2.5, read: 0.25, output: 15 }, openaiTables),
  'openai/gpt-5.4-mini': gpt({ input: 0.75, read: 0.075, output: 4.5 }, openaiTables),
  'openai/gpt-5-mini': gpt({ input: 0.25, read: 0.025, output: 2 }, openaiTables),
  'openai/gpt-4.1': priceOfUsd({ input: 2, read: 0.5, output: 8 }, openaiTables),

  // Doubles after 2026-12-31.
  'google/gemini-3.8-flash': priceOfUsd({ input: 0.75, read: 0.075, output: 3.75 }, otherTables),
  'google/gemini-3.5-flash': priceOfUsd({ input: 1.5, read: 0.15, output: 9 }, otherTables),
  'google/gemini-3.5-flash-lite': priceOfUsd({ input: 0.3, read: 0.03, output: 2.5 }, otherTables),
  'google/gemini-3.1-flash-lite': priceOfUsd({ input: 0.25, read: 0.025, output: 1.5 }, otherTables),
  'google/gemini-3.1-pro-preview': tiered(
    200_000,
    { input: 2, read: 0.2, output: 12 },
    { input: 4, read: 0.4, output: 18 },
  ),
  'google/gemini-2.5-pro': tiered(
    200_000,
    { input: 1.25, read: 0.125, output: 10 },
    { input: 2.5, read: 0.25, output: 15 },
  ),
  'google/gemini-2.5-flash': priceOfUsd({ input: 0.3, read: 0.03, output: 2.5 }, otherTables),

  // Peak prices: the off-peak half is uncertain.
  'deepseek/deepseek-v4-flash': priceOfUsd({ input: 0.44, read: 0.014, output: 1.32 }, otherTables),
  'deepseek/deepseek-v4-pro': priceOfUsd({ input: 1.32, read: 0.044, output: 3.96 }, otherTables),
  'moonshot/kimi-k3': priceOfUsd({ input: 3, read: 0.3, output: 15 }, otherTables),
  'moonshot/kimi-k2.6': priceOfUsd({ input: 0.95, read: 0.16, output: 4 }, otherTables),
  'groq/gpt-oss-120b': priceOfUsd({ input: 0.15, read: 0.075, output: 0.6 }, otherTables),
  'groq/gpt-oss-20b': priceOfUsd({ input: 0.075, read: 0.0375, output: 0.3 }, otherTables),
  'groq/qwen3-32b': priceOfUsd({ input: 0.29, output: 0.59 }, otherTables),
  'groq/llama-4-scout': priceOfUsd({ input: 0.11, output: 0.34 }, otherTables),
  'mistral/mistral-large-2512': priceOfUsd({ input: 0.5, read: 0.05, output: 1.5 }, otherTables),
  'mistral/mistral-medium-3-5': priceOfUsd({ input: 1.5, read: 0.15, output: 7.5 }, otherTables),
  'mistral/devstral-2512': priceOfUsd({ input: 0.4, read: 0.04, output: 2 }, otherTables),
  'xai/grok-4.5': tiered(200_000, { input: 2, read: 0.3, output: 6 }, { input: 4, read: 0.6, output: 12 }),
});

type Origin = Pick<Price, 'asOf' | 'source'>;

/** Makes a price of what a price page says. */
export function priceOfUsd(usd: UsdRates, origin: Pick<Price, 'asOf' | 'source'>): Price {
  return Object.freeze({ ...rates(usd), ...origin });
}

function tiered(aboveInputTokens: number, usd: UsdRates, above: UsdRates): Price {
  return Object.freeze({
    ...priceOfUsd(usd, otherTables),
    longContext: { aboveInputTokens, ...rates(above) },
  });
}

function claude(usd: UsdRates, origin: Origin): Price {
  return Object.freeze({ ...claudeRates(usd), ...origin });
}

/** Writes cost 1.25 (5 minutes) and 2 (1 hour) times the input (Anthropic, "Prompt caching"). */
function claudeRates(usd: UsdRates): TokenRates {
  return rates({ ...usd, write5m: usd.input * 1.25, write1h: usd.input * 2 });
}

/**
 * Above 272,000 input tokens: twice input and cache, one and a half times output (OpenAI, "Pricing").
 * A write that lasts 12 hours costs 2.5 times the input where writes cost at all.
 */
function gpt(usd: UsdRates, origin: Origin): Price {
  const base = usd.write5m === undefined ? usd : { ...usd, write1h: usd.input * 2.5 };
  const above = rates(base);
  return Object.freeze({
    ...priceOfUsd(base, origin),
    longContext: {
      aboveInputTokens: 272_000,
      inputMicroUsd: above.inputMicroUsd * 2,
      cacheReadMicroUsd: above.cacheReadMicroUsd * 2,
      cacheWrite5mMicroUsd: above.cacheWrite5mMicroUsd * 2,
      cacheWrite1hMicroUsd: above.cacheWrite1hMicroUsd * 2,
      outputMicroUsd: Math.round(above.outputMicroUsd * 1.5),
    },
  });
}

function rates({ input, output, read, write5m, write1h }: UsdRates): TokenRates {
  return {
    inputMicroUsd: microUsd(input),
    cacheReadMicroUsd: microUsd(read ?? input),
    cacheWrite5mMicroUsd: microUsd(write5m ?? input),
    cacheWrite1hMicroUsd: microUsd(write1h ?? input),
    outputMicroUsd: microUsd(output),
  };
}

function microUsd(usd: number): number {
  return Math.round(usd * 1_000_000);
}
