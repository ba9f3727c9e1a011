import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { claimAll, workAll } from '../../../test/setup/hand-worker.ts';
import { acceptedJob, ann, given, type JobHouse, openJobHouse } from '../../../test/setup/job-house.ts';
import { pairModel, pairTeam } from '../../../test/setup/job-team.ts';
import { type RunStore, StorageError } from '../../core/index.ts';
import { createMemoryHot } from '../../store/index.ts';
import { createStatusReader, type StatusReader } from './job-status.ts';

let house: JobHouse;
let reader: StatusReader;
/** How often the reader has read events. */
let reads: number;
/** Problems that were reported. */
let told: string[];

function report(problem: string): void {
  told.push(problem);
}

beforeEach(async () => {
  house = await openJobHouse({ teams: [pairTeam({ asks: true })], model: pairModel({ asks: true }) });
  const { runs } = house.store;
  reads = 0;
  told = [];
  const events: RunStore['events'] = async (...asked) => {
    reads += 1;
    return await runs.events(...asked);
  };
  const hot = createMemoryHot(house.clock);
  reader = createStatusReader({
    runs: { ...runs, events },
    hot: { ...hot, get: async () => null },
    clock: house.clock,
    report,
  });
});
afterEach(() => house.close());

async function polled(id: string) {
  const { job, progress } = given(await reader.status(ann, id));
  const told = await house.store.runs.events(id, 0, 1_000);
  expect(progress.eventSeq).toBe(told.length);
  return { state: job.state, reads };
}

describe('a poll that finds no copy', () => {
  it('reads the events of a job that nobody works on once, until something is done to it', async () => {
    const { id } = await acceptedJob(house.desk, { team: 'pair', text: 'Write it.' });
    expect(await polled(id)).toEqual({ state: 'queued', reads: 1 });
    expect(await polled(id)).toEqual({ state: 'queued', reads: 1 });
    await workAll(house);
    expect(await polled(id)).toEqual({ state: 'parked', reads: 2 });
    expect(await polled(id)).toEqual({ state: 'parked', reads: 2 });
    given(await house.desk.signal(ann, id, { name: 'approval', value: 'yes' }));
    await workAll(house);
    expect(await polled(id)).toEqual({ state: 'succeeded', reads: 3 });
    expect(await polled(id)).toEqual({ state: 'succeeded', reads: 3 });
  });

  it('reads the events of a running job as often as there are new ones', async () => {
    const { id } = await acceptedJob(house.desk, { team: 'pair', text: 'Write it.' });
    const [claim] = await claimAll(house);
    if (claim === undefined) throw new Error('A job stands in line.');
    expect(await polled(id)).toEqual({ state: 'running', reads: 1 });
    expect(await polled(id)).toEqual({ state: 'running', reads: 1 });
    await house.store.runs.emit(claim, [{ type: 'warning', message: 'Something happened.' }]);
    expect(await polled(id)).toEqual({ state: 'running', reads: 2 });
  });
});

describe('a poll that finds a copy', () => {
  it('asks the truth before the copy goes, and does not wait for it', async () => {
    const { runs } = house.store;
    let finds = 0;
    const counted: RunStore = {
      ...runs,
      async glance(...asked) {
        finds += 1;
        return await runs.glance(...asked);
      },
    };
    const { clock } = house;
    const polls = createStatusReader({ runs: counted, hot: createMemoryHot(clock), clock, report });
    const { id } = await acceptedJob(house.desk, { team: 'pair', text: 'Write it.' });
    const pollAfter = async (ms: number): Promise<number> => {
      clock.advance(ms);
      expect(given(await polls.status(ann, id)).job.state).toBe('queued');
      return finds;
    };
    expect(await pollAfter(0)).toBe(1);
    expect(await pollAfter(3_000)).toBe(1);
    expect(await pollAfter(6_000)).toBe(2);
    // The first copy would be gone by now; its successor is young.
    await runs.find(ann.tenant, id);
    expect(await pollAfter(3_000)).toBe(2);
  });

  it('is not harmed by a truth that cannot be asked', async () => {
    const { runs } = house.store;
    let isAway = false;
    const failing: RunStore = {
      ...runs,
      async glance(...asked) {
        if (isAway) throw new StorageError('The disk is away', 'undone', null);
        return await runs.glance(...asked);
      },
    };
    const { clock } = house;
    const polls = createStatusReader({ runs: failing, hot: createMemoryHot(clock), clock, report });
    const { id } = await acceptedJob(house.desk, { team: 'pair', text: 'Write it.' });
    given(await polls.status(ann, id));
    isAway = true;
    clock.advance(9_000);
    expect(given(await polls.status(ann, id)).job.state).toBe('queued');
    clock.advance(2_000);
    await expect(polls.status(ann, id)).rejects.toThrow('away');
    expect(told).toEqual([]);
  });

  it('tells of a bug that keeps the truth from being asked', async () => {
    const { runs } = house.store;
    const glances = vi.fn<RunStore['glance']>(runs.glance);
    const { clock } = house;
    const polls = createStatusReader({
      runs: { ...runs, glance: glances },
      hot: createMemoryHot(clock),
      clock,
      report,
    });
    const { id } = await acceptedJob(house.desk, { team: 'pair', text: 'Write it.' });
    given(await polls.status(ann, id));
    glances.mockRejectedValueOnce(new TypeError('undefined is not a row'));
    clock.advance(9_000);
    expect(given(await polls.status(ann, id)).job.state).toBe('queued');
    await vi.waitFor(() => expect(told).toHaveLength(1));
    expect(told[0]).toBe(
      `A bug of Inspan kept the status of job ${id} from being read: undefined is not a row.`,
    );
  });
});
