export { type AiSdkOptions, aiSdkModel } from './ai-sdk/ai-sdk.ts';
export type { LanguageModel } from './ai-sdk/language-model.ts';
export { outputTokensMaxOf } from './capabilities/capabilities-of.ts';
export {
  refuseSettings,
  type ThinkingSetting,
  type ThinkingSettings,
  unsupportedSettings,
} from './capabilities/settings.ts';
export { modelChain } from './chain.ts';
export { lazyModel } from './lazy-model.ts';
export { cachePrefixTokensMin, contextTokensMaxOf, tokenFactor } from './model-facts.ts';
export { resolveModelName } from './model-names.ts';
export { createBudget } from './money/budget.ts';
export { type BudgetedOptions, budgeted } from './money/budgeted.ts';
export { costMicroUsd, priceOf } from './money/cost.ts';
export { type Price, prices, type TokenRates } from './money/prices.ts';
export { type ReadPrices, readPrices } from './money/read-prices.ts';
export { type FindOllamaOptions, findOllama } from './ollama.ts';
export type { AccountLimits } from './onion/account.ts';
export { type AdmissionOptions, createAdmission } from './onion/admission.ts';
export { type CachePolicyParts, createCachePolicy } from './onion/cache-policy.ts';
export { type OnionParts, onion } from './onion/onion.ts';
export { type CountRequest, createRequestCounter } from './onion/request-counter.ts';
export { createWarmth, type Warmth } from './onion/warmth.ts';
export { type CustomProvider, type ModelAccess, openModel } from './open-model.ts';
export { createOutages, type Outages } from './outages.ts';
export {
  type ProviderPromise,
  type ProviderSkill,
  type ProviderUnderTest,
  providerContract,
} from './provider-contract.ts';
export { keyVariableOf, type ProviderFacts, providerOf, providers, urlFrom } from './providers.ts';
export { createTokenCounter } from './token-counter.ts';
export type { Fetch } from './wire/provider-fetch.ts';
export type { ProxySettings } from './wire/transport/proxy.ts';
export { createTransport, type Transport, type TransportOptions } from './wire/transport/transport.ts';
