import { type JobQuery, ok } from '../../core/index.ts';
import type { JobDesk } from '../desk.ts';
import { replayJob } from '../replay.ts';
import { createScheduleDesk } from '../schedules/schedule-desk.ts';
import { acceptJob, estimateRequest } from './accept-job.ts';
import { cancelJob, retryJob, signalJob } from './change-job.ts';
import { isWord, wrongLabels } from './check-terms.ts';
import type { DeskParts } from './desk-parts.ts';
import { followJob } from './follow-job.ts';
import { forkJob } from './fork-job.ts';
import { createStatusReader } from './job-status.ts';
import { findJob } from './not-found.ts';
import { note } from './note.ts';
import { fileOf, filesOf, outputOf, stepsOf } from './read-job.ts';

/** Most jobs and entries of a page. */
const pageMax = 200;

/** Opens a desk: the one way in to jobs, for every face. */
export function createDesk(parts: DeskParts): JobDesk {
  const { store, hot, clock, teams, report } = parts;
  const { runs } = store;
  const statuses = createStatusReader({ runs, hot, clock, report });
  const changing = { ...parts, statuses };
  return {
    accept: async (caller, request) => await acceptJob(parts, caller, request),
    estimate: async (_caller, request) => await estimateRequest(parts, request),
    status: async (caller, id) => await statuses.status(caller, id),
    async list({ tenant }, query) {
      if (!canMatch(query)) return { items: [], next: null };
      return await runs.list(tenant, { ...query, limit: pageSize(query.limit) });
    },
    output: async (caller, id) => await outputOf(parts, caller, id),
    files: async (caller, id) => await filesOf(parts, caller, id),
    file: async (caller, id, path) => await fileOf(parts, caller, { id, path }),
    steps: async (caller, id, page) => await stepsOf(parts, caller, { id, ...page }),
    async follow(caller, id, { after, signal }) {
      const found = await findJob(runs, caller, id);
      if (!found.ok) return found;
      return ok(followJob({ runs, hot, clock, tenant: caller.tenant, id, after, signal }));
    },
    cancel: async (caller, id) => await cancelJob(changing, caller, id),
    retry: async (caller, id) => await retryJob(changing, caller, id),
    fork: async (caller, id, request) => await forkJob(changing, caller, { id, request }),
    signal: async (caller, id, signal) => await signalJob(changing, caller, { id, signal }),
    async replay(caller, id) {
      const found = await findJob(runs, caller, id);
      return found.ok ? await replayJob(parts, found.value) : found;
    },
    count: async (caller) => await runs.count(caller?.tenant ?? null),
    teams: () => teams.list(),
    ...createScheduleDesk(parts),
    audit: async ({ tenant }, page) =>
      await store.audit.list(tenant, { ...page, limit: pageSize(page.limit) }),
    note: async (caller, entry) => await note(parts, caller, entry),
  };
}

/** No job has a team or label that could not be accepted; not every store could even look for one. */
function canMatch({ team, labels = {} }: JobQuery): boolean {
  return (team === undefined || isWord(team)) && wrongLabels(labels).every((wrong) => wrong === null);
}

function pageSize(limit: number): number {
  return Math.min(Math.max(1, Math.floor(limit)), pageMax);
}
