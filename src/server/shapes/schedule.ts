import { z } from '@hono/zod-openapi';
import type { Schedule } from '../../core/index.ts';
import { jobRequestShape } from './request.ts';
import { jsonShape, moment, momentOrNull, momentShape, orNull } from './values.ts';

/** A schedule to make. */
export const scheduleRequestShape = z
  .strictObject({
    name: z.string().min(1).max(255).openapi({ description: 'Unique among your schedules.' }),
    cron: z.string().min(1).max(255).openapi({ description: 'Five fields, or six with seconds first.' }),
    timeZone: z.string().max(64).optional().openapi({ description: 'IANA name. Default: `UTC`.' }),
    request: jobRequestShape,
  })
  .openapi('ScheduleRequest', {
    example: {
      name: 'monday-digest',
      cron: '0 9 * * 1',
      timeZone: 'Europe/Berlin',
      request: { team: 'launch-kit', text: 'Sum up the week.' },
    },
  });

/** A job that comes back by the clock. */
export const scheduleShape = z
  .object({
    id: z.string(),
    name: z.string(),
    cron: z.string(),
    timeZone: z.string(),
    team: z.string(),
    request: jsonShape.openapi({ description: 'What is asked each time.' }),
    isPaused: z.boolean(),
    nextAt: orNull(momentShape),
    lastJob: z.string().nullable(),
    lastAt: orNull(momentShape),
    problem: z.string().nullable().openapi({ description: 'Why the last one was not accepted.' }),
    createdAt: momentShape,
  })
  .openapi('Schedule');

/** A schedule over the wire. */
export type ScheduleOnWire = z.infer<typeof scheduleShape>;

/** Writes a schedule as an answer has it. */
export function scheduleOnWire(schedule: Schedule): ScheduleOnWire {
  const { id, name, cron, timeZone, team, request, isPaused, lastJob, problem } = schedule;
  return {
    id,
    name,
    cron,
    timeZone,
    team,
    request,
    isPaused,
    nextAt: momentOrNull(schedule.nextAtMs),
    lastJob,
    lastAt: momentOrNull(schedule.lastAtMs),
    problem,
    createdAt: moment(schedule.createdAtMs),
  };
}
