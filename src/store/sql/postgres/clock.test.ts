import { afterEach, describe, expect, inject, it } from 'vitest';
import { systemClock } from '../../../../test/setup/clock.ts';
import { leapClock } from '../../../../test/setup/job-world.ts';
import type { Clock, Store } from '../../../core/index.ts';
import { begun, found, newJob } from '../../run-store-contract-jobs.ts';
import { openPostgresStore } from '../open-store.ts';
import { createScratchDatabase, whole } from '../scratch.ts';

const url = inject('postgres') ?? '';
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

describe.runIf(url !== '')('a machine whose clock is set while it runs', () => {
  it('gives up no worker of others and ends none of their jobs', async () => {
    const own = leapClock();
    const { ours, theirs } = await openTwo({ ...own, steadyNow: () => performance.now() });
    const deadlineAtMs = theirs.now() + 60_000;
    const lease = await begun(theirs.runs, 'a', { deadlineAtMs });
    await theirs.runs.accept(newJob('b', { deadlineAtMs }));
    own.leap(300_000);
    expect(await ours.runs.reclaim()).toEqual([]);
    expect(await ours.runs.tend()).toEqual([]);
    expect(await theirs.runs.beat('w')).toMatchObject({ alive: true, held: [lease] });
    expect((await found(ours.runs, 'b')).state).toBe('queued');
    expect(Math.abs(ours.now() - theirs.now())).toBeLessThan(60_000);
  });
});

async function openTwo(clock: Clock): Promise<{ readonly ours: Store; readonly theirs: Store }> {
  const scratch = await createScratchDatabase(url);
  closing.push(scratch.drop);
  const open = async (of: Clock): Promise<Store> => {
    const store = whole(await openPostgresStore(scratch.url, { clock: of, settlingMs: 0 }));
    closing.push(store.close);
    return store;
  };
  return { ours: await open(clock), theirs: await open(systemClock) };
}
