import type { RunStore } from '../../../core/index.ts';
import { createAccept } from './accept.ts';
import { createAppend } from './append.ts';
import { claimJobs } from './claim.ts';
import { createEmit } from './emit.ts';
import { forkJob } from './fork.ts';
import { createFinding } from './list.ts';
import type { RunParts } from './parts.ts';
import { createReading } from './read.ts';
import { createSettle } from './settle.ts';
import { signalJob, takeSignal } from './signal.ts';
import { createTeams } from './teams.ts';
import { tendJobs } from './tend.ts';
import { cancelJob, retryJob } from './turn.ts';
import { vacuumStore } from './vacuum.ts';
import { beatWorker, enrolWorker, reclaimJobs, retireWorker } from './workers.ts';

/** Makes the truth about jobs out of a SQL database: the same statements for every dialect. */
export function createRunStore(parts: RunParts): RunStore {
  return {
    ...createFinding(parts),
    ...createReading(parts),
    ...createTeams(parts),
    accept: createAccept(parts),
    fork: (tenant, fork) => forkJob(parts, tenant, fork),
    cancel: (tenant, id, why) => cancelJob(parts, { tenant, id }, why),
    retry: (tenant, id, why) => retryJob(parts, { tenant, id }, why),
    signal: (tenant, id, signal) => signalJob(parts, { tenant, id }, signal),
    takeSignal: (id, wait) => takeSignal(parts, id, wait),
    enrol: (worker) => enrolWorker(parts, worker),
    beat: (worker) => beatWorker(parts, worker),
    retire: (worker) => retireWorker(parts, worker),
    reclaim: () => reclaimJobs(parts),
    claim: (worker, want) => claimJobs(parts, worker, want),
    append: createAppend(parts),
    emit: createEmit(parts),
    settle: createSettle(parts),
    tend: () => tendJobs(parts),
    vacuum: (retention) => vacuumStore(parts, retention),
  };
}
