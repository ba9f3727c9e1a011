import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acceptedJob, ann, type JobHouse, openJobHouse } from '../../test/setup/job-house.ts';
import { pairTeam } from '../../test/setup/job-team.ts';
import { startRetention, vacuum } from './retention.ts';

const dayMs = 24 * 60 * 60_000;

let house: JobHouse;
beforeEach(async () => {
  house = await openJobHouse({ teams: [pairTeam()] });
});
afterEach(() => house.close());

async function cancelled(): Promise<string> {
  const { id } = await acceptedJob(house.desk, {
    team: 'pair',
    files: { 'notes.md': `Notes ${Math.random()}` },
  });
  await house.desk.cancel(ann, id);
  return id;
}

const parts = () => ({ runs: house.store.runs, clock: house.clock });

async function ids(): Promise<readonly string[]> {
  return (await house.desk.list(ann, { limit: 200 })).items.map(({ id }) => id);
}

describe('retention', () => {
  it('removes what ended long enough ago, with its blobs, and leaves all others', async () => {
    const old = await cancelled();
    const waiting = await acceptedJob(house.desk, { team: 'pair' });
    house.clock.advance(29 * dayMs);
    const young = await cancelled();
    expect((await vacuum(parts(), { dryRun: false })).jobs).toEqual([]);
    house.clock.advance(2 * dayMs);
    const gone = await vacuum(parts(), { dryRun: false });
    expect(gone.jobs).toEqual([old]);
    expect(gone.blobs).toBeGreaterThan(0);
    expect(new Set(await ids())).toEqual(new Set([waiting.id, young]));
  });

  it('only says what would go in a dry run', async () => {
    const old = await cancelled();
    house.clock.advance(31 * dayMs);
    const planned = await vacuum(parts(), { dryRun: true });
    expect(planned.jobs).toEqual([old]);
    expect(await ids()).toEqual([old]);
    expect(await vacuum(parts(), { dryRun: false })).toEqual(planned);
  });

  it('keeps each end as long as it is told to', async () => {
    await cancelled();
    house.clock.advance(2 * dayMs);
    expect((await vacuum({ ...parts(), keepDays: { failed: 1 } }, { dryRun: true })).jobs).toEqual([]);
    expect((await vacuum({ ...parts(), keepDays: { cancelled: 1 } }, { dryRun: true })).jobs).toHaveLength(1);
  });

  it('works by itself every hour, until it is closed', async () => {
    const { clock } = house;
    await cancelled();
    const retaining = startRetention({ ...parts(), report: (problem) => expect.unreachable(problem) });
    clock.advance(31 * dayMs);
    await expect.poll(ids).toEqual([]);
    await retaining.close();
  });
});
