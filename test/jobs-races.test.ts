import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { type Client, createClient, InspanProblem, type Job } from '../src/client/index.ts';
import { isEnded, type JobState } from '../src/core/index.ts';
import { createInspan, type Inspan, type Service } from '../src/inspan.ts';
import { createScratchDatabase } from '../src/store/testing.ts';
import { systemClock } from './setup/clock.ts';
import { prices } from './setup/job-world.ts';
import { editorKey, pressModel, pressTeam } from './setup/press-team.ts';

const [postgres, redis] = [inject('postgres'), inject('redis')];
const request = { team: 'press', text: 'Write.' };
/** Long enough that a job is parked for it, in ms. */
const approvalMs = 1_200;

interface House {
  readonly service: Service;
  readonly client: Client;
  close(): Promise<void>;
}

let house: House;

describe('races over HTTP on SQLite', () => {
  races(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'inspan-races-'));
    return { database: join(folder, 'jobs.db'), end: () => rm(folder, { recursive: true }) };
  });
});

describe.runIf(postgres !== null && redis !== null)('races over HTTP on Postgres and Redis', () => {
  races(async () => {
    const { url, drop } = await createScratchDatabase(postgres ?? '');
    return { database: url, redis: redis ?? '', end: drop };
  });
});

interface Scratch {
  readonly database: string;
  readonly redis?: string;
  end(): Promise<void>;
}

async function openRaces({ end, ...options }: Scratch): Promise<House> {
  const inspan: Inspan = createInspan({ environment: {}, model: pressModel(), prices });
  const teams = [pressTeam({ timeoutMs: approvalMs })];
  const keepDays = { succeeded: 0, failed: 0, cancelled: 0, expired: 0 };
  const service = await inspan.openService({ ...options, teams, keepDays });
  service.work();
  const { url } = await service.serve({
    port: 0,
    limits: {
      requestsPerSecond: 10_000,
      requestsBurst: 10_000,
      acceptsPerSecond: 10_000,
      acceptsBurst: 10_000,
    },
  });
  return {
    service,
    client: createClient({ url }),
    async close() {
      await service.close();
      await inspan.close();
      await end();
    },
  };
}

type Order = 'first' | 'second' | 'together';

/** Does two things in an order, or at once; what was refused is told as its code. */
async function race(
  order: Order,
  one: () => Promise<unknown>,
  other: () => Promise<unknown>,
): Promise<readonly [string, string]> {
  if (order === 'together') return await Promise.all([answerOf(one), answerOf(other)]);
  if (order === 'first') return [await answerOf(one), await answerOf(other)];
  const second = await answerOf(other);
  return [await answerOf(one), second];
}

async function answerOf(ask: () => Promise<unknown>): Promise<string> {
  try {
    await ask();
    return 'done';
  } catch (error) {
    if (error instanceof InspanProblem) return error.code;
    throw error;
  }
}

async function until(id: string, isReached: (state: JobState) => boolean): Promise<Job> {
  for (let looks = 0; looks < 1_500; looks += 1) {
    const job = await house.client.jobs.get(id);
    if (isReached(job.state)) return job;
    await systemClock.sleep(10, new AbortController().signal);
  }
  throw new Error(`Job ${id} did not come so far: ${JSON.stringify(await house.client.jobs.get(id))}`);
}

async function parkedJob(): Promise<string> {
  const { id } = await house.client.jobs.create(request);
  await until(id, (state) => state === 'parked');
  return id;
}

/** Ends it, and checks that its stream tells one end, last. `retries`: ends that were undone. */
async function endOf(id: string, retries = 0): Promise<JobState> {
  const { state } = await until(id, isEnded);
  const events = await house.service.store.runs.events(id, 0, 10_000);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  const ends = events.flatMap((event) =>
    event.type === 'job-moved' && isEnded(event.state) ? [event.state] : [],
  );
  expect(ends).toHaveLength(retries + 1);
  expect(events.at(-1)).toMatchObject({ type: 'job-moved', state });
  return state;
}

function races(openScratch: () => Promise<Scratch>): void {
  beforeEach(async () => {
    house = await openRaces(await openScratch());
  });
  afterEach(() => house.close());

  it('ten accepts with one key at once are one job', async () => {
    const jobs = await Promise.all(
      Array.from({ length: 10 }, () => house.client.jobs.create(request, { idempotencyKey: 'once' })),
    );
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(1);
    expect((await house.client.jobs.list()).items).toHaveLength(1);
    const other = house.client.jobs.create({ ...request, text: 'Otherwise.' }, { idempotencyKey: 'once' });
    await expect(other).rejects.toMatchObject({ code: 'key-conflict' });
  });

  describe.each<Order>(['first', 'second', 'together'])('%s', (order) => {
    it('cancel and finish: the job has one end, and a cancel that came too late says so', async () => {
      const id = await parkedJob();
      const [, cancelled] = await race(
        order,
        () => house.client.jobs.signal(id, { name: 'approval', value: 'yes' }),
        () => house.client.jobs.cancel(id),
      );
      const state = await endOf(id);
      expect(state).toBe(cancelled === 'done' && state !== 'succeeded' ? 'cancelled' : 'succeeded');
    });

    it('signal and timeout: the wait ends once, with the value or without one', async () => {
      const id = await parkedJob();
      await race(
        order,
        () => house.client.jobs.signal(id, { name: 'approval', value: 'yes' }),
        () => systemClock.sleep(approvalMs, new AbortController().signal),
      );
      expect(await endOf(id)).toBe('succeeded');
      const steps = await house.service.store.runs.records(id);
      const ended = steps.filter(({ record }) => record.kind === 'wait' && record.type === 'done');
      expect(ended).toHaveLength(1);
    });

    it('fork and vacuum: there is no fork, or it ends well', async () => {
      const id = await parkedJob();
      await house.client.jobs.signal(id, { name: 'approval', value: 'yes' });
      await endOf(id);
      let fork = '';
      const [forked] = await race(
        order,
        async () => {
          fork = (await house.client.jobs.fork(id, { step: `${editorKey}/turn-3/model` })).id;
        },
        () => house.service.vacuum({ dryRun: false }),
      );
      expect(['done', 'not-found']).toContain(forked);
      expect(forked === 'done' ? await endOf(fork) : 'succeeded').toBe('succeeded');
      // Whoever polls may be told of an ended job from memory for a while.
      expect(await house.service.store.runs.find('default', id)).toBeNull();
    });

    it('drain and claim: every job is done once, by whoever is left', async () => {
      const leaving = house.service.work({ concurrency: 4, drainMsMax: 0 });
      const ids: string[] = [];
      await race(
        order,
        async () => {
          const jobs = await Promise.all(Array.from({ length: 6 }, () => house.client.jobs.create(request)));
          ids.push(...jobs.map(({ id }) => id));
        },
        () => leaving.drain(),
      );
      for (const id of ids) expect(await endOf(id)).toBe('succeeded');
    });

    it('retry and cancel: the job is cancelled or goes on to its end', async () => {
      const id = await parkedJob();
      await house.client.jobs.cancel(id);
      await endOf(id);
      const [retried, cancelled] = await race(
        order,
        () => house.client.jobs.retry(id),
        () => house.client.jobs.cancel(id),
      );
      expect(retried).toBe('done');
      const state = await endOf(id, 1);
      expect(state).toBe(cancelled === 'done' ? 'cancelled' : 'succeeded');
    });
  });
}
