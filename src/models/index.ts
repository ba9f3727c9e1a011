export { type AnthropicOptions, anthropicModel } from './anthropic.ts';
export { createBudget } from './budget.ts';
export { type BudgetedOptions, budgeted } from './budgeted.ts';
export { modelChain } from './chain.ts';
export { costMicroUsd, priceOf } from './cost.ts';
export { type ModelPromise, type ModelSituation, modelContract, type OpenModelIn } from './model-contract.ts';
export { cachePrefixTokensMin, contextTokensMaxOf, tokenFactor } from './model-facts.ts';
export { resolveModelName } from './model-names.ts';
export { type FindOllamaOptions, findOllama } from './ollama.ts';
export { type CustomProvider, type ModelAccess, openModel } from './open-model.ts';
export { type OpenaiOptions, openaiModel } from './openai.ts';
export { type Price, prices, type TokenRates } from './prices.ts';
export type { Fetch } from './provider-fetch.ts';
export { keyVariableOf } from './providers.ts';
export { requestTokens } from './request-tokens.ts';
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
