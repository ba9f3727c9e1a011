import assert from 'node:assert/strict';
import type { Schedule } from '../core/index.ts';
import type { DeskPromise } from './desk-contract-promise.ts';

/** What a store of schedules promises. */
export const schedulePromises: readonly DeskPromise[] = [
  {
    promise: 'a schedule comes back whole, and its name is unique for its tenant',
    async check(open) {
      const { schedules } = await open();
      const schedule = scheduleOf({ id: 's1', name: 'nightly' });
      assert.equal(await schedules.add(schedule), true);
      assert.equal(await schedules.add(scheduleOf({ id: 's2', name: 'nightly' })), false);
      assert.equal(await schedules.add(scheduleOf({ id: 's3', name: 'nightly', tenant: 'b' })), true);
      assert.equal(await schedules.add(scheduleOf({ id: 's4', name: 'daily' })), true);
      assert.deepEqual(await schedules.find('a', 's1'), schedule);
      assert.deepEqual(
        (await schedules.list('a')).map(({ id }) => id),
        ['s4', 's1'],
      );
    },
  },
  {
    promise: 'no tenant finds, changes or removes the schedule of another one',
    async check(open) {
      const { schedules } = await open();
      await schedules.add(scheduleOf({ id: 's1' }));
      assert.equal(await schedules.find('b', 's1'), null);
      assert.equal(await schedules.change('b', 's1', { isPaused: true }), null);
      assert.equal(await schedules.remove('b', 's1'), false);
      assert.deepEqual(await schedules.list('b'), []);
      assert.deepEqual(await schedules.find('a', 's1'), scheduleOf({ id: 's1' }));
      assert.equal(await schedules.remove('a', 's1'), true);
      assert.equal(await schedules.find('a', 's1'), null);
    },
  },
  {
    promise: 'a change replaces only what it names',
    async check(open) {
      const { schedules } = await open();
      const schedule = scheduleOf({ id: 's1' });
      await schedules.add(schedule);
      assert.deepEqual(await schedules.change('a', 's1', {}), schedule);
      assert.deepEqual(await schedules.change('a', 's1', { isPaused: true }), {
        ...schedule,
        isPaused: true,
      });
      const ended = { ...schedule, isPaused: true, nextAtMs: null };
      assert.deepEqual(await schedules.change('a', 's1', { nextAtMs: null }), ended);
      assert.deepEqual(await schedules.find('a', 's1'), ended);
    },
  },
  {
    promise: 'due are those whose time has come and that are not paused, of all tenants, the oldest first',
    async check(open) {
      const { schedules } = await open();
      await schedules.add(scheduleOf({ id: 'second', nextAtMs: 200 }));
      await schedules.add(scheduleOf({ id: 'first', nextAtMs: 100, tenant: 'b' }));
      await schedules.add(scheduleOf({ id: 'later', nextAtMs: 301 }));
      await schedules.add(scheduleOf({ id: 'paused', nextAtMs: 100, isPaused: true }));
      await schedules.add(scheduleOf({ id: 'over', nextAtMs: null }));
      const ids = async (limit: number) => (await schedules.due(300, limit)).map(({ id }) => id);
      assert.deepEqual(await ids(10), ['first', 'second']);
      assert.deepEqual(await ids(1), ['first']);
    },
  },
  {
    promise: 'of many who move a schedule on at once, exactly one does',
    async check(open) {
      const { schedules } = await open();
      await schedules.add(scheduleOf({ id: 's1', nextAtMs: 100 }));
      const to = { nextAtMs: 200, lastJob: 'j1', lastAtMs: 100, problem: 'no such team' };
      const moved = await Promise.all(Array.from({ length: 8 }, () => schedules.moveOn('s1', 100, to)));
      assert.equal(moved.filter((each) => each).length, 1);
      assert.deepEqual(await schedules.find('a', 's1'), scheduleOf({ id: 's1', ...to }));
      assert.equal(await schedules.moveOn('s1', 100, to), false);
      const last = { nextAtMs: null, lastJob: 'j2', lastAtMs: 200, problem: null };
      assert.equal(await schedules.moveOn('s1', 200, last), true);
      assert.deepEqual(await schedules.due(1000, 10), []);
    },
  },
];

function scheduleOf(more: Partial<Schedule> & Pick<Schedule, 'id'>): Schedule {
  return {
    tenant: 'a',
    name: `name of ${more.id}`,
    cron: '0 3 * * *',
    timeZone: 'Europe/Berlin',
    team: 'launch-kit',
    request: { text: 'zwölf', params: { platforms: ['x'] }, empty: null },
    isPaused: false,
    nextAtMs: 1_700_000_000_000,
    lastJob: null,
    lastAtMs: null,
    problem: null,
    createdAtMs: 1_690_000_000_000,
    ...more,
  };
}
