import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workAll } from '../../../test/setup/hand-worker.ts';
import { acceptedJob, ann, given, type JobHouse, openJobHouse } from '../../../test/setup/job-house.ts';
import { pairModel, pairTeam } from '../../../test/setup/job-team.ts';
import type { Caller, JobDesk } from '../desk.ts';

const bob: Caller = { tenant: 'bob', by: 'key-bob' };
const signal = new AbortController().signal;

let house: JobHouse;
/** Of Ann: one parked job, one that succeeded, and a schedule. */
const ids = { parked: '', ended: '', schedule: '' };

beforeAll(async () => {
  const asking = pairTeam({ name: 'asking', asks: true });
  house = await openJobHouse({ teams: [asking, pairTeam()], model: pairModel({ asks: true }) });
  ids.parked = (await acceptedJob(house.desk, { team: 'asking' })).id;
  await workAll(house);
  const plain = house.reopen({ teams: [pairTeam()], model: pairModel() });
  ids.ended = (await acceptedJob(plain.desk, { team: 'pair' })).id;
  await workAll(plain);
  const request = { name: 'nightly', cron: '0 3 * * *', request: { team: 'pair' } };
  ids.schedule = given(await house.desk.addSchedule(ann, request)).id;
});
afterAll(() => house.close());

/** Every method that names something, as one caller asks for one id. */
const asked: Readonly<Record<string, (desk: JobDesk, caller: Caller, id: string) => Promise<unknown>>> = {
  status: (desk, caller, id) => desk.status(caller, id),
  output: (desk, caller, id) => desk.output(caller, id),
  files: (desk, caller, id) => desk.files(caller, id),
  file: (desk, caller, id) => desk.file(caller, id, 'final.md'),
  steps: (desk, caller, id) => desk.steps(caller, id, { after: 0, limit: 10 }),
  follow: (desk, caller, id) => desk.follow(caller, id, { after: 0, signal }),
  cancel: (desk, caller, id) => desk.cancel(caller, id),
  retry: (desk, caller, id) => desk.retry(caller, id),
  fork: (desk, caller, id) => desk.fork(caller, id, { step: 'editor/turn-1/model' }),
  signal: (desk, caller, id) => desk.signal(caller, id, { name: 'approval', value: 'yes' }),
  replay: (desk, caller, id) => desk.replay(caller, id),
  schedule: (desk, caller, id) => desk.schedule(caller, id),
  pauseSchedule: (desk, caller, id) => desk.pauseSchedule(caller, id, true),
  removeSchedule: (desk, caller, id) => desk.removeSchedule(caller, id),
};

describe('a neighbour', () => {
  it.each(Object.entries(asked))(
    'gets from %s exactly what somebody gets who makes an id up',
    async (_, ask) => {
      const events = await house.store.runs.events(ids.parked, 0, 1_000);
      for (const id of Object.values(ids)) {
        const answer = JSON.stringify(await ask(house.desk, bob, id));
        const nothing = JSON.stringify(await ask(house.desk, ann, 'job_nobody'));
        expect(answer).toContain('not-found');
        expect(answer.replaceAll(id, 'job_nobody')).toBe(nothing);
      }
      expect(await house.store.runs.events(ids.parked, 0, 1_000)).toEqual(events);
    },
  );

  it('sees nothing in lists, counts and the audit log', async () => {
    const { desk } = house;
    expect(await desk.list(bob, { limit: 10 })).toEqual({ items: [], next: null });
    expect(await desk.schedules(bob)).toEqual([]);
    expect((await desk.audit(bob, { limit: 10 })).items).toEqual([]);
    expect(Object.values(await desk.count(bob)).every((count) => count === 0)).toBe(true);
    expect(await desk.count(ann)).toMatchObject({ parked: 1, succeeded: 1 });
    expect(await desk.count(null)).toMatchObject({ parked: 1, succeeded: 1 });
  });

  it('leaves the owner’s things as they were', async () => {
    const { desk } = house;
    expect(given(await desk.status(ann, ids.parked)).job.state).toBe('parked');
    expect(given(await desk.status(ann, ids.ended)).job.state).toBe('succeeded');
    expect(given(await desk.schedule(ann, ids.schedule)).isPaused).toBe(false);
  });

  it('a team or label that no job could have finds none', async () => {
    for (const query of [{ team: 'a\0b' }, { labels: { 'a\0b': 'c' } }, { labels: { a: 'b\0c' } }]) {
      expect(await house.desk.list(ann, { ...query, limit: 10 })).toEqual({ items: [], next: null });
    }
  });

  it.each(['', 'a\0b', 'x'.repeat(1_000), "'; drop table jobs; --"])(
    'an id that cannot be one is not found (%#)',
    async (id) => {
      for (const ask of Object.values(asked)) {
        expect(JSON.stringify(await ask(house.desk, ann, id))).toContain('not-found');
      }
    },
  );
});
