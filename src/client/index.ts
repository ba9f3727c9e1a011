export { type Client, type ClientOptions, createClient } from './client.ts';
export type { Desk, Keys, PageQuery, Schedules, Teams, Webhooks } from './desk.ts';
export type { FollowOptions } from './follow-job.ts';
export type { CreateOptions, GivenFiles, JobSignal, Jobs, ListQuery, StepsQuery } from './jobs.ts';
export { InspanProblem } from './problem.ts';
export { JobNotDone, type JobsToTheEnd, type StreamedJob, type WaitOptions } from './run-job.ts';
export { type ReceivedWebhook, type VerifiedWebhook, verifyWebhook } from './verify-webhook.ts';
export type {
  ApiKey,
  AuditEntry,
  Delivery,
  Estimate,
  NewApiKey,
  NewWebhook,
  Schedule,
  Team,
  Webhook,
} from './wire-desk.ts';
export type { Delta, JobEvent, StreamEvent } from './wire-event.ts';
export type {
  Account,
  Job,
  JobFile,
  JobProgress,
  JobResult,
  JobWait,
  Replay,
  Step,
  StepPage,
} from './wire-job.ts';
export type {
  Brief,
  ForkRequest,
  JobRequest,
  KeyRequest,
  ScheduleRequest,
  WebhookChange,
  WebhookRequest,
  WebhookTopic,
} from './wire-request.ts';
export type { Failure, Money, Page } from './wire-values.ts';
