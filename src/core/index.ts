export { interruption, stoppable, together } from './abort.ts';
export type { AgentAccount, JobAccount } from './account.ts';
export type { Admission, AdmissionWant, Permit, PermitOutcome } from './admission.ts';
export type { Budget, Reservation } from './budget.ts';
export { estimateTokens } from './estimate-tokens.ts';
export type { ContextBlock, EventLog, JobEvent, NumberedEvent } from './events.ts';
export {
  climbs,
  type Failure,
  type FailureCode,
  type FailureSide,
  failure,
  failureCodes,
  failureLine,
  InspanError,
  type Place,
  sideOf,
} from './failure.ts';
export { hashBytes, hashJson } from './hash.ts';
export type {
  Journal,
  JournalStore,
  Spending,
  StepKind,
  StepOutcome,
  Stepped,
  StepRecord,
  StepSpec,
} from './journal.ts';
export { canonicalJson, isJsonObject, type Json, type JsonSchema } from './json.ts';
export type {
  AssistantBlock,
  Attempt,
  CacheLife,
  Effort,
  ImageBlock,
  Message,
  Model,
  ModelEnd,
  ModelEvent,
  ModelRequest,
  OpaqueBlock,
  OutputSchema,
  RateLimits,
  RateWindow,
  Reply,
  Rescue,
  Stability,
  StopReason,
  SystemBlock,
  TextBlock,
  Timing,
  ToolCallBlock,
  ToolDefinition,
  ToolResultBlock,
  UserBlock,
  WrapModel,
} from './model.ts';
export { fail, ok, type Result } from './result.ts';
export type {
  CachePolicy,
  Clock,
  CountTokens,
  PrefixParts,
  PrefixStart,
  PrefixUse,
  Run,
} from './run.ts';
export { staticHash } from './static-hash.ts';
export type { Tool, ToolAnswer, ToolCall, ToolEffect, ToolReplay } from './tool.ts';
export { addUsage, noUsage, totalInputTokens, totalOutputTokens, type Usage } from './usage.ts';
export type {
  FileChange,
  FileContent,
  FileInfo,
  ScopeRules,
  StagedWorkspace,
  Workspace,
} from './workspace.ts';
