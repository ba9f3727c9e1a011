export { type ModelPromise, type ModelSituation, modelContract, type OpenModelIn } from './model-contract.ts';
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
