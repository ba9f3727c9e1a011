export {
  type Acceptance,
  type AcceptedBrief,
  acceptBrief,
  type Brief,
  type FileCut,
  needsCounting,
} from './accept.ts';
export { createDeltaFeed } from './delta-feed.ts';
export { createDesk } from './desk/create-desk.ts';
export type { DeskParts, Prepare, Prepared } from './desk/desk-parts.ts';
export { readBrief } from './desk/stored-brief.ts';
export type {
  AcceptedJob,
  Accepting,
  Caller,
  Estimating,
  ForkRequest,
  JobDesk,
  JobProgress,
  JobRequest,
  JobStatus,
  LiveEvent,
  Replay,
  ScheduleRequest,
} from './desk.ts';
export { type DoneJob, type EndedJob, type Job, JobFailed, startJob } from './job.ts';
export type { OpenedRun, OpenRun, RunWanted } from './open-run.ts';
export { paramFromText } from './params.ts';
export {
  type KeepDays,
  type Retaining,
  type RetentionParts,
  startRetention,
  vacuum,
} from './retention.ts';
export { type ScheduleParts, type Schedules, startSchedules } from './schedules/start-schedules.ts';
export { createSignalBox } from './signal-box.ts';
export { createTeamBook, type PinnedTeam, type TeamBook, type TeamBookParts } from './team-book.ts';
export { startWorker, type Worker } from './worker/worker.ts';
export type { WorkerParts, WorkerTerms } from './worker/worker-parts.ts';
