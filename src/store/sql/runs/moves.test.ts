import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canMove, type JobState, jobMoves } from '../../../core/index.ts';
import { begun, ended, jobIn, newJob, parked, tenant, waitFor } from '../../run-store-contract-jobs.ts';
import { createBlobs } from '../blobs.ts';
import type { OpenedDatabase } from '../database.ts';
import { createWebhookStore } from '../desk/webhook-store.ts';
import { createSqliteQueue } from '../queue/sqlite-queue.ts';
import { openScratchSqlite } from '../scratch.ts';
import { moveJob, moveJobs } from './moves.ts';
import { lockedJob, lockedJobs, type RunParts } from './parts.ts';
import { createRunStore } from './run-store.ts';

const clock = { now: () => 1_800_000_000_000, sleep: async () => {} };
const want = { limit: 10, perWebhookMax: 10, without: [] };
const states = Object.keys(jobMoves) as JobState[];

describe('moves of a job', () => {
  let database: OpenedDatabase;
  let parts: RunParts;
  beforeEach(async () => {
    database = await openScratchSqlite(clock);
    const { liveness } = database;
    parts = { database, liveness, queue: createSqliteQueue(database), blobs: createBlobs(database) };
  });
  afterEach(() => database.close());

  it.each(states)(
    'from %s to a state that is not in the table are refused, and change nothing',
    async (from) => {
      const runs = createRunStore(parts);
      const { job } = await jobIn(runs, from);
      const before = [await runs.find(tenant, job), await runs.events(job, 0, 99)];
      for (const to of states.filter((state) => !canMove(from, state))) {
        const moving = database.write(async (transaction) => {
          const row = await lockedJob(parts, transaction, job);
          if (row !== null) await moveJob(parts, { transaction, row }, { to, why: 'it may not' });
        });
        await expect(moving).rejects.toThrow(`is ${from} and cannot become ${to}`);
      }
      expect([await runs.find(tenant, job), await runs.events(job, 0, 99)]).toEqual(before);
    },
  );

  it('write a message to every webhook of the tenant that wants it, with the move itself', async () => {
    const runs = createRunStore(parts);
    const webhooks = createWebhookStore(database);
    const hook = { tenant, url: 'https://example.com', secret: 'whsec_', isPaused: false, createdAtMs: 1 };
    await webhooks.add({ ...hook, id: 'all', events: [] });
    await webhooks.add({ ...hook, id: 'failures', events: ['job.failed'] });
    await webhooks.add({ ...hook, id: 'paused', events: [], isPaused: true });
    await webhooks.add({ ...hook, id: 'neighbour', events: [], tenant: 'other' });
    await runs.settle(await begun(runs, 'a', { labels: { env: 'x' } }), parked([waitFor('go')]));
    await runs.settle(await begun(runs, 'b'), ended('failed'));
    await runs.accept(newJob('c'));
    const due = await webhooks.take(clock.now(), 1000, want);
    const told = due.map(({ webhook, job, event }) => `${webhook} ${job} ${event}`);
    expect(told.toSorted()).toEqual(['all a job.parked', 'all b job.failed', 'failures b job.failed']);
    const payload = JSON.parse(due.find(({ job }) => job === 'a')?.payload ?? '');
    expect(payload).toEqual({
      type: 'job.parked',
      timestamp: '2027-01-15T08:00:00.000Z',
      data: {
        id: 'a',
        team: 'kit',
        state: 'parked',
        failure: null,
        cost: { microUsd: 3, usd: 0.000003 },
        labels: { env: 'x' },
        waits: [{ key: 'wait/go', signal: 'go', until: null, question: null }],
      },
    });
    expect(new Set(due.map(({ id }) => id)).size).toBe(3);
  });

  it('that are made together tell each webhook of its own tenant alone', async () => {
    const runs = createRunStore(parts);
    const webhooks = createWebhookStore(database);
    const hook = {
      url: 'https://example.com',
      secret: 'whsec_',
      isPaused: false,
      createdAtMs: 1,
      events: [],
    };
    for (const name of ['one', 'two']) await webhooks.add({ ...hook, id: `hook-${name}`, tenant: name });
    for (const name of ['one', 'two', 'three']) await runs.accept(newJob(`job-${name}`, { tenant: name }));
    await database.write(async (transaction) => {
      const rows = await lockedJobs(parts, transaction, ['job-one', 'job-two', 'job-three']);
      const move = { to: 'cancelled', why: 'all at once' } as const;
      await moveJobs(
        parts,
        transaction,
        rows.map((row) => ({ row, move })),
      );
    });
    const due = await webhooks.take(clock.now(), 1000, want);
    const told = due.map(({ webhook, tenant: of, job }) => `${webhook} ${of} ${job}`);
    expect(told.toSorted()).toEqual(['hook-one one job-one', 'hook-two two job-two']);
    await runs.enrol({ id: 'w', concurrency: 9, leaseMs: 60_000 });
    expect(await runs.claim('w', { max: 9, ceilings: { others: null, tenants: {} } })).toEqual([]);
  });

  it('that are undone tell nobody', async () => {
    const runs = createRunStore(parts);
    const webhooks = createWebhookStore(database);
    const hook = { tenant, url: 'https://example.com', secret: 'whsec_', isPaused: false, createdAtMs: 1 };
    await webhooks.add({ ...hook, id: 'all', events: [] });
    const { job } = await jobIn(runs, 'queued');
    const undone = database.write(async (transaction) => {
      const row = await lockedJob(parts, transaction, job);
      if (row !== null) await moveJob(parts, { transaction, row }, { to: 'cancelled', why: 'no' });
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect(await webhooks.take(clock.now(), 1000, want)).toEqual([]);
    expect((await begun(runs, 'next')).job).toBe(job);
  });
});
