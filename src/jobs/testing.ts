export { storedBrief } from './desk/stored-brief.ts';
export { forgetStatus } from './live.ts';
export { runJob } from './run-job.ts';
