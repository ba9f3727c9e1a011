import { type Failure, fail, failure, type Json, ok, type Result, type Schedule } from '../../core/index.ts';
import { estimateRequest } from '../desk/accept-job.ts';
import { isWord } from '../desk/check-terms.ts';
import type { DeskParts } from '../desk/desk-parts.ts';
import { isId } from '../desk/not-found.ts';
import { note } from '../desk/note.ts';
import type { Caller, JobDesk, JobRequest, ScheduleRequest } from '../desk.ts';
import { inputText } from '../input-text.ts';
import { nextTime } from './next-time.ts';

/** The part of a desk that keeps jobs which come back by the clock. */
export type ScheduleDesk = Pick<
  JobDesk,
  'addSchedule' | 'schedules' | 'schedule' | 'pauseSchedule' | 'removeSchedule'
>;

/** Opens the schedules of a desk. */
export function createScheduleDesk(parts: DeskParts): ScheduleDesk {
  const { schedules } = parts.store;
  const noted = async (caller: Caller, action: string, target: string): Promise<void> =>
    await note(parts, caller, { action: `schedule.${action}`, target, detail: {} });
  return {
    addSchedule: async (caller, request) => await addSchedule(parts, caller, request),
    schedules: async ({ tenant }) => await schedules.list(tenant),
    async schedule({ tenant }, id) {
      const found = isId(id) ? await schedules.find(tenant, id) : null;
      return found === null ? noSchedule(id) : ok(found);
    },
    async pauseSchedule(caller, id, isPaused) {
      const found = isId(id) ? await schedules.find(caller.tenant, id) : null;
      if (found === null) return noSchedule(id);
      // What would have come while it was paused does not come afterwards.
      const next = isPaused ? ok(found.nextAtMs) : await nextTime(found, parts.clock.now());
      if (!next.ok) return next;
      const changed = await schedules.change(caller.tenant, id, { isPaused, nextAtMs: next.value });
      if (changed === null) return noSchedule(id);
      await noted(caller, isPaused ? 'pause' : 'resume', id);
      return ok(changed);
    },
    async removeSchedule(caller, id) {
      if (!isId(id) || !(await schedules.remove(caller.tenant, id))) return noSchedule(id);
      await noted(caller, 'remove', id);
      return ok(undefined);
    },
  };
}

/** A schedule keeps the whole request: large material belongs where the team can fetch it. */
const requestBytesMax = 1024 * 1024;
const nameCharactersMax = 128;

async function addSchedule(
  parts: DeskParts,
  caller: Caller,
  given: ScheduleRequest,
): Promise<Result<Schedule>> {
  const { store, clock, newId } = parts;
  const { name, cron, timeZone = 'UTC' } = given;
  const createdAtMs = clock.now();
  const next = await nextTime({ cron, timeZone }, createdAtMs);
  if (!next.ok) return next;
  if (next.value === null)
    return fail('wrong-input', `cron is "${cron}", which never comes: give another one.`);
  const request = storable(given.request);
  if (!request.ok) return request;
  const wrong = wrongName(name) ?? (await wrongRequest(parts, request.value));
  if (wrong !== null) return { ok: false, failure: wrong };
  const schedule: Schedule = {
    id: newId(),
    tenant: caller.tenant,
    name,
    cron,
    timeZone,
    team: request.value.team,
    request: request.value as unknown as Json,
    isPaused: false,
    nextAtMs: next.value,
    lastJob: null,
    lastAtMs: null,
    problem: null,
    createdAtMs,
  };
  if (!(await store.schedules.add(schedule))) {
    return fail(
      'key-conflict',
      `There is a schedule ${name} already: remove it first, or give another name.`,
    );
  }
  const detail = { name, cron, timeZone, team: schedule.team };
  await note(parts, caller, { action: 'schedule.create', target: schedule.id, detail });
  return ok(schedule);
}

/** A request as JSON: files as text, which is all that a team takes. */
function storable(request: JobRequest): Result<JobRequest> {
  const files: [string, string][] = [];
  for (const [name, content] of Object.entries(request.files ?? {})) {
    const text = inputText(name, content);
    if (!text.ok) return text;
    files.push([name, text.value]);
  }
  const whole = { ...request, ...(request.files === undefined ? {} : { files: Object.fromEntries(files) }) };
  return ok(whole);
}

function wrongName(name: string): Failure | null {
  if (isWord(name, nameCharactersMax)) return null;
  return failure('wrong-input', `name must have from 1 to ${nameCharactersMax} visible characters.`);
}

/** A mistake of the request is told now, not when it first comes. */
async function wrongRequest(parts: DeskParts, request: JobRequest): Promise<Failure | null> {
  const { notBeforeMs, deadlineAtMs, idempotencyKey } = request;
  if ([notBeforeMs, deadlineAtMs, idempotencyKey].some((term) => term !== undefined)) {
    return failure(
      'wrong-input',
      'The request of a schedule has no notBefore, deadlineAt or idempotencyKey: each of its jobs gets its own.',
    );
  }
  const estimating = await estimateRequest(parts, request);
  if (!estimating.ok) return estimating.failures[0];
  // After the check: from here on it is known to be JSON data.
  const bytesSize = Buffer.byteLength(JSON.stringify(request));
  return bytesSize <= requestBytesMax
    ? null
    : failure(
        'too-large',
        `The request has ${bytesSize} bytes; a schedule keeps at most ${requestBytesMax}.`,
      );
}

function noSchedule(id: string): Result<never> {
  const shown = isId(id) ? `schedule ${id}` : 'such schedule';
  return fail('not-found', `There is no ${shown}: check its id, or list the schedules there are.`);
}
