export {
  type Acceptance,
  type AcceptedBrief,
  acceptBrief,
  type Brief,
  type FileCut,
  needsCounting,
} from './accept.ts';
export { type DoneJob, type EndedJob, type Job, JobFailed, startJob } from './job.ts';
export { paramFromText } from './params.ts';
