export { type AnthropicOptions, anthropicModel } from './anthropic/anthropic.ts';
export { type ModelPromise, type ModelSituation, modelContract, type OpenModelIn } from './model-contract.ts';
export { type Gate, gated } from './onion/gate.ts';
export {
  type ProviderPromise,
  type ProviderSkill,
  type ProviderUnderTest,
  providerContract,
} from './provider-contract.ts';
export {
  callTool,
  callTools,
  type FailureDetails,
  failWith,
  neverAnswer,
  type ReplyDetails,
  type Script,
  type ScriptEntry,
  type ScriptedCall,
  type ScriptedModel,
  type ScriptedOptions,
  type SilenceDetails,
  say,
  scriptedModel,
  scriptedTeam,
} from './scripted.ts';
