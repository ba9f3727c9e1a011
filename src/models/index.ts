export { type AnthropicOptions, anthropicModel } from './anthropic/anthropic.ts';
export { createBudget } from './money/budget.ts';
export { type BudgetedOptions, budgeted } from './money/budgeted.ts';
export { modelChain } from './chain.ts';
export { costMicroUsd, priceOf } from './money/cost.ts';
export { type ModelPromise, type ModelSituation, modelContract, type OpenModelIn } from './model-contract.ts';
export { cachePrefixTokensMin, contextTokensMaxOf, tokenFactor } from './model-facts.ts';
export { resolveModelName } from './model-names.ts';
export { type FindOllamaOptions, findOllama } from './ollama.ts';
export { type CustomProvider, type ModelAccess, openModel } from './open-model.ts';
export { type OpenaiOptions, openaiModel } from './openai/openai.ts';
export { type Price, prices, type TokenRates } from './money/prices.ts';
export type { Fetch } from './wire/provider-fetch.ts';
export { keyVariableOf } from './providers.ts';
export { requestTokens } from './wire/request-tokens.ts';
export {
  callTool,
  callTools,
  failWith,
  neverAnswer,
  type ReplyDetails,
  type Script,
  type ScriptEntry,
  type ScriptedCall,
  type ScriptedModel,
  type ScriptedOptions,
  say,
  scriptedModel,
  scriptedTeam,
} from './scripted.ts';
export { createTokenCounter } from './token-counter.ts';
