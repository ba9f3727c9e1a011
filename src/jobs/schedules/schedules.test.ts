import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acceptedJob, ann, given, type JobHouse, openJobHouse } from '../../../test/setup/job-house.ts';
import { pairTeam } from '../../../test/setup/job-team.ts';
import type { Schedule } from '../../core/index.ts';
import type { ScheduleRequest } from '../desk.ts';
import { startSchedules } from './start-schedules.ts';

let house: JobHouse;
let reports: string[];
beforeEach(async () => {
  house = await openJobHouse({ teams: [pairTeam()] });
  reports = [];
});
afterEach(() => house.close());

const hourly: ScheduleRequest = {
  name: 'hourly',
  cron: '0 * * * *',
  request: { team: 'pair', text: 'Write it.', labels: { from: 'schedule' } },
};
const hourMs = 60 * 60_000;

async function added(more: Partial<ScheduleRequest> = {}): Promise<Schedule> {
  return given(await house.desk.addSchedule(ann, { ...hourly, ...more }));
}

/** Lets each of some processes look at the schedules once, at the same time. */
async function lookOnce(houses: readonly JobHouse[] = [house]): Promise<void> {
  const started = houses.map(({ desk, store, clock }) =>
    startSchedules({ desk, store, clock, report: (problem) => void reports.push(problem) }),
  );
  await Promise.all(started.map((each) => each.close()));
}

async function jobsOf(): Promise<readonly string[]> {
  const { items } = await house.desk.list(ann, { limit: 100 });
  return items.map(({ idempotencyKey }) => idempotencyKey ?? '');
}

describe('a schedule', () => {
  it('accepts its request when its time has come, as a job of its own, and moves on', async () => {
    const { id, nextAtMs } = await added();
    expect(nextAtMs).toBe(Date.parse('2026-11-21T13:00:00Z'));
    await lookOnce();
    expect(await jobsOf()).toEqual([]);
    house.clock.advance(hourMs);
    await lookOnce();
    await lookOnce();
    expect(await jobsOf()).toEqual([`schedule/${id}/${nextAtMs}`]);
    const [job] = (await house.desk.list(ann, { limit: 1 })).items;
    expect(job).toMatchObject({ by: 'schedule', labels: { from: 'schedule' } });
    expect(given(await house.desk.schedule(ann, id))).toMatchObject({
      lastJob: job?.id,
      lastAtMs: nextAtMs,
      nextAtMs: Date.parse('2026-11-21T14:00:00Z'),
      problem: null,
    });
  });

  it('never comes twice, however many processes look at once', async () => {
    await added();
    house.clock.advance(hourMs);
    const more = [1, 2, 3].map(() => house.reopen({ teams: [pairTeam()] }));
    await lookOnce([house, ...more]);
    expect(await jobsOf()).toHaveLength(1);
  });

  it('comes late once when several of its times were missed', async () => {
    const { id, nextAtMs } = await added();
    house.clock.advance(5.5 * hourMs);
    await lookOnce();
    await lookOnce();
    expect(await jobsOf()).toEqual([`schedule/${id}/${nextAtMs}`]);
    const { nextAtMs: next } = given(await house.desk.schedule(ann, id));
    expect(next).toBe(Date.parse('2026-11-21T18:00:00Z'));
  });

  it('whose process died before it was moved on finds the same job again', async () => {
    const { id, nextAtMs, request } = await added();
    house.clock.advance(hourMs);
    const body = { ...(request as unknown as ScheduleRequest['request']) };
    const idempotencyKey = `schedule/${id}/${nextAtMs}`;
    const job = await acceptedJob(house.desk, { ...body, idempotencyKey }, { tenant: 'ann', by: 'schedule' });
    await lookOnce();
    expect(await jobsOf()).toHaveLength(1);
    expect(given(await house.desk.schedule(ann, id)).lastJob).toBe(job.id);
  });

  it('that is refused says so and comes again', async () => {
    const { id } = await added();
    house.clock.advance(hourMs);
    await lookOnce([house.reopen({ teams: [] })]);
    const refused = given(await house.desk.schedule(ann, id));
    expect(refused).toMatchObject({ lastJob: null, problem: expect.stringMatching(/no team pair/) });
    house.clock.advance(hourMs);
    await lookOnce();
    expect(given(await house.desk.schedule(ann, id))).toMatchObject({ problem: null });
    expect(await jobsOf()).toHaveLength(1);
  });

  it('does not come while it is paused, nor afterwards for what it missed', async () => {
    const { id } = await added();
    await house.desk.pauseSchedule(ann, id, true);
    house.clock.advance(3.5 * hourMs);
    await lookOnce();
    const { nextAtMs } = given(await house.desk.pauseSchedule(ann, id, false));
    await lookOnce();
    expect(await jobsOf()).toEqual([]);
    expect(nextAtMs).toBe(Date.parse('2026-11-21T16:00:00Z'));
  });

  it('that was removed is gone, and its name is free', async () => {
    const { id } = await added();
    expect(await house.desk.removeSchedule(ann, id)).toMatchObject({ ok: true });
    expect(await house.desk.removeSchedule(ann, id)).toMatchObject({ failure: { code: 'not-found' } });
    expect(await house.desk.schedules(ann)).toEqual([]);
    await added();
  });

  it('keeps files that came as bytes', async () => {
    const bytes = new TextEncoder().encode('Notes.\n');
    await added({ request: { team: 'pair', files: { 'notes.md': bytes } } });
    house.clock.advance(hourMs);
    await lookOnce();
    const [job] = (await house.desk.list(ann, { limit: 1 })).items;
    const file = given(await house.desk.file(ann, job?.id ?? '', 'notes.md'));
    expect(new TextDecoder().decode(file.bytes)).toBe('Notes.\n');
  });

  it.each<[Partial<ScheduleRequest>, string, RegExp]>([
    [{ cron: '61 * * * *' }, 'wrong-input', /minute/],
    [{ cron: '0 0 30 2 *' }, 'wrong-input', /never comes/],
    [{ timeZone: 'Berlin' }, 'wrong-input', /IANA/],
    [{ name: '' }, 'wrong-input', /name/],
    [{ request: { team: 'nobody' } }, 'not-found', /known are pair/],
    [{ request: { team: 'pair', priority: 1_000 } }, 'wrong-input', /priority/],
    [{ request: { team: 'pair', idempotencyKey: 'k' } }, 'wrong-input', /idempotencyKey/],
    [{ request: { team: 'pair', text: 'x'.repeat(2 ** 21) } }, 'too-large', /bytes/],
  ])('is refused for what is wrong with it (%#)', async (more, code, why) => {
    const refused = await house.desk.addSchedule(ann, { ...hourly, ...more });
    expect(refused).toMatchObject({ ok: false, failure: { code } });
    expect(refused.ok ? '' : refused.failure.message).toMatch(why);
    expect(await house.desk.schedules(ann)).toEqual([]);
  });

  it('has a name of its own in its tenant', async () => {
    await added();
    expect(await house.desk.addSchedule(ann, hourly)).toMatchObject({ failure: { code: 'key-conflict' } });
    expect(await house.desk.addSchedule({ tenant: 'bob', by: 'b' }, hourly)).toMatchObject({ ok: true });
  });

  it('waits, and says so once, while the storage fails', async () => {
    const { desk, clock } = house;
    const { store, close } = await openJobHouse({ teams: [] });
    await close();
    const report = (problem: string): void => void reports.push(problem);
    const started = startSchedules({ desk, clock, store, report });
    for (let second = 0; second < 5; second += 1) {
      for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
      clock.advance(1_000);
    }
    await started.close();
    expect(reports).toHaveLength(1);
    expect(reports[0]).toMatch(/^Schedules wait: /);
  });

  it('that fails keeps none behind it from its time', async () => {
    const { desk, clock, store } = house;
    await added({ name: 'first' });
    await added({ name: 'second' });
    clock.advance(hourMs);
    let asked = 0;
    const accept: typeof desk.accept = async (caller, request) => {
      asked += 1;
      if (asked === 1) throw new Error('it is broken');
      return await desk.accept(caller, request);
    };
    const report = (problem: string): void => void reports.push(problem);
    const started = startSchedules({ desk: { accept }, clock, store, report });
    for (let turn = 0; turn < 200; turn += 1) await new Promise(setImmediate);
    await started.close();
    expect(reports.some((problem) => problem.includes('it is broken'))).toBe(true);
    expect(await jobsOf()).toHaveLength(1);
  });
});
