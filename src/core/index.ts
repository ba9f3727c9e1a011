export { interruption, stoppable, together } from './abort.ts';
export type { AgentAccount, JobAccount } from './account.ts';
export type { Admission, AdmissionWant, Permit, PermitOutcome } from './admission.ts';
export type { Blobs } from './blobs.ts';
export type { Budget, Reservation } from './budget.ts';
export {
  type ApiKey,
  type AuditEntry,
  type AuditStore,
  type Delivery,
  type DeliveryAttempt,
  type DeliveryWant,
  type KeyScope,
  type KeyStore,
  keyScopes,
  type Schedule,
  type ScheduleStore,
  type Webhook,
  type WebhookStore,
} from './desk-stores.ts';
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
  weightiest,
} from './failure.ts';
export { hashBytes, hashJson } from './hash.ts';
export type { Hot, HotValue, TokensTaken, TokenWant } from './hot.ts';
export {
  canMove,
  type EndedState,
  endedStates,
  isEnded,
  type JobDelta,
  type JobMoved,
  type JobOutput,
  type JobPatch,
  type JobRecord,
  type JobState,
  jobMoves,
  lossesMax,
  type StoredEvent,
  type StoredStep,
  type UnnumberedEvent,
} from './job-record.ts';
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
export {
  canonicalJson,
  isDeeperThan,
  isJsonObject,
  type Json,
  type JsonSchema,
  jsonLevelsMax,
} from './json.ts';
export type {
  AssistantBlock,
  Attempt,
  BeforeSend,
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
export type { Queue, QueueEntry, QueueWant } from './queue.ts';
export { recalled } from './recalled.ts';
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
export type {
  Accepted,
  Asked,
  Beat,
  Claim,
  ClaimWant,
  Ending,
  Glance,
  JobQuery,
  Lease,
  NewFork,
  NewJob,
  NewSignal,
  NewWorker,
  Page,
  Retention,
  RunStore,
  Settled,
  StoredTeam,
  TenantCeilings,
  Vacuumed,
} from './run-store.ts';
export { staticHash } from './static-hash.ts';
export { StorageError } from './storage-error.ts';
export type { Store } from './store.ts';
export type { Tool, ToolAnswer, ToolCall, ToolEffect, ToolReplay, WaitOptions } from './tool.ts';
export { addUsage, noUsage, totalInputTokens, totalOutputTokens, type Usage } from './usage.ts';
export type { Wait, WaitEnd } from './wait.ts';
export type {
  FileChange,
  FileContent,
  FileInfo,
  ScopeRules,
  StagedWorkspace,
  Workspace,
} from './workspace.ts';
