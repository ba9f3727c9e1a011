export { createApp, type ServerApp } from './create-app.ts';
export { createKeys, type KeysOptions } from './keys/keys.ts';
export { defaultLimits, type ServerLimits } from './limits.ts';
export type {
  AccessLine,
  MetricsSource,
  NewKey,
  ServerKeys,
  ServerOptions,
  ServerParts,
} from './parts.ts';
export type { Route } from './route.ts';
export {
  type ListenOptions,
  type RunningServer,
  type StartServerOptions,
  serve,
  startServer,
} from './serve.ts';
export type { AuditOnWire } from './shapes/audit.ts';
export type { EstimateOnWire } from './shapes/estimate.ts';
export type { EventOnWire } from './shapes/event.ts';
export type { FileOnWire } from './shapes/file.ts';
export type { JobOnWire } from './shapes/job.ts';
export type { KeyOnWire } from './shapes/key.ts';
export type { ProblemOnWire } from './shapes/problem.ts';
export type { ReplayOnWire } from './shapes/replay.ts';
export type { JobRequestOnWire } from './shapes/request.ts';
export type { ResultOnWire } from './shapes/result.ts';
export type { ScheduleOnWire } from './shapes/schedule.ts';
export type { StepOnWire } from './shapes/step.ts';
export type { TeamOnWire } from './shapes/team.ts';
export type { MoneyOnWire } from './shapes/values.ts';
export type { DeliveryOnWire, WebhookOnWire } from './shapes/webhook.ts';
export { type DeliveriesOptions, type RunningDeliveries, startDeliveries } from './webhooks/deliveries.ts';
export { createPostMessage, type PostMessage } from './webhooks/post-message.ts';
