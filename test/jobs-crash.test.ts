import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import type { Clock, JobOutput, JobRecord, RunStore, Store } from '../src/core/index.ts';
import type { Caller } from '../src/jobs/index.ts';
import { openScratchPostgresStore, openScratchSqliteStore } from '../src/store/testing.ts';
import { type JobWorld, openJobWorld, workTold } from './setup/job-world.ts';
import { finishedCalls, pressModel, pressTeam, stepOf } from './setup/press-team.ts';
import type { Fate } from './setup/worker.ts';

const postgres = inject('postgres');

/** Crashes are played side by side on one store, each for a tenant of its own. */
const tenants = Array.from({ length: 8 }, (_, index) => `tenant-${index}`);
/** More writes than this are a bug of the test. */
const writesMax = 400;

let world: JobWorld;

describe('a crash at the n-th write to SQLite', () => {
  crashesAtEveryWrite(openScratchSqliteStore);
});

describe.runIf(postgres !== null)('a crash at the n-th write to Postgres', () => {
  crashesAtEveryWrite((clock) => openScratchPostgresStore(postgres ?? '', clock));
});

function crashesAtEveryWrite(openStore: (clock: Clock) => Promise<Store>): void {
  beforeEach(async () => {
    world = await openJobWorld(openStore);
  });
  afterEach(() => world.close());

  it.each(['before', 'after'] as const)(
    'changes nothing of how a job ends, for every n, when the worker vanishes %s the commit',
    async (moment) => {
      const whole = await play('tenant-0', null);
      expect(whole).toMatchObject({ record: { state: 'succeeded' }, published: 1, died: false });
      for (let first = 1; first <= writesMax; first += tenants.length) {
        const played = await Promise.all(
          tenants.map((tenant, index) => play(tenant, { at: first + index, moment })),
        );
        for (const [index, end] of played.entries()) expectSame(end, whole, `write ${first + index}`);
        if (played.every(({ died }) => died)) continue;
        expect(first).toBeGreaterThan(40);
        return;
      }
      throw new Error(`A job made more than ${writesMax} writes`);
    },
    120_000,
  );
}

interface Crash {
  /** At the n-th write, from 1. */
  readonly at: number;
  /** Of its commit. */
  readonly moment: 'before' | 'after';
}

interface Played {
  readonly record: JobRecord;
  readonly output: JobOutput | null;
  readonly told: readonly string[];
  readonly died: boolean;
  readonly published: number;
  /** Steps that were asked again though they were finished. */
  readonly askedTwice: readonly string[];
  readonly asked: number;
}

/** Plays a job whose first worker crashes, and a second one that finishes it. */
async function play(tenant: string, crash: Crash | null): Promise<Played> {
  const caller: Caller = { tenant, by: 'test' };
  const published: string[] = [];
  const teams = [pressTeam({ published })];
  const [firstModel, secondModel] = [pressModel(), pressModel()];
  // So its workers take the jobs of this play alone.
  const others = tenants.filter((other) => other !== tenant).map((other) => [other, 0] as const);
  const ceilings = { others: null, tenants: Object.fromEntries(others) };
  const name = `${tenant}-${crash?.at}`;
  const died = Promise.withResolvers<'died'>();
  const first = world.open({
    teams,
    model: firstModel,
    runs: (runs, fate) => crashing(runs, { crash, fate, tenant, died: () => died.resolve('died') }),
  });
  const { id } = await first.accept(caller, { team: 'press', text: 'Write.' });
  let worker = first.work({ id: `first-${name}`, ceilings });
  const over = new AbortController();
  const answering = answer(caller, id, over.signal);
  const end = world.until(caller, id, 'ended');
  const winner = await Promise.race([died.promise, end]);
  let finished: readonly string[] = [];
  if (winner === 'died') {
    first.kill();
    finished = finishedCalls(await world.store.runs.records(id));
    await world.lose(`first-${name}`);
    worker = world.open({ teams, model: secondModel }).work({ id: `second-${name}`, ceilings });
  }
  const record = await end;
  over.abort();
  await answering;
  await worker.close();
  const asked = secondModel.requests.map(stepOf);
  return {
    record,
    output: await world.store.runs.output(id),
    told: await gapless(id),
    died: winner === 'died',
    published: published.length,
    askedTwice: asked.filter((step) => finished.includes(step)),
    asked: firstModel.requests.length + asked.length,
  };
}

/** Lets the first writes through, and then nothing any more. */
function crashing(
  runs: RunStore,
  play: {
    readonly crash: Crash | null;
    readonly fate: Fate;
    readonly tenant: string;
    readonly died: () => void;
  },
): Partial<RunStore> {
  let writes = 0;
  const { crash, fate, died } = play;
  const write = async <T>(work: () => Promise<T>): Promise<T> => {
    writes += 1;
    const isLast = writes === crash?.at;
    if (isLast && crash.moment === 'before') fate.state = 'dead';
    if (fate.state === 'dead') {
      died();
      return await new Promise<never>(() => {});
    }
    const value = await work();
    if (!isLast) return value;
    fate.state = 'dead';
    died();
    return value;
  };
  return {
    async claim(worker, want) {
      // A look at an empty line is no write.
      const { queued } = await runs.count(play.tenant);
      return queued === 0 ? [] : await write(() => runs.claim(worker, want));
    },
    append: (lease, record) => write(() => runs.append(lease, record)),
    emit: (lease, events) => write(() => runs.emit(lease, events)),
    takeSignal: (job, wait) => write(() => runs.takeSignal(job, wait)),
    settle: (lease, ending) => write(() => runs.settle(lease, ending)),
  };
}

/** Gives the approval whenever the job is parked on it. */
async function answer(caller: Caller, id: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const record = await world.store.runs.find(caller.tenant, id);
    if (record?.state === 'parked') {
      const approval = { name: 'approval', value: 'yes', key: null, id: 'once', by: 'boss' };
      await world.store.runs.signal(caller.tenant, id, approval);
    }
    await world.clock.sleep(10, signal);
  }
}

async function gapless(id: string): Promise<readonly string[]> {
  const events = await world.events(id);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  const ends = events.filter((event) => event.type === 'job-moved' && event.state === 'succeeded');
  expect(ends).toHaveLength(1);
  return workTold(events);
}

function expectSame(played: Played, whole: Played, when: string): void {
  const { record, output, told, askedTwice, asked, published } = played;
  expect(record, when).toMatchObject({ state: 'succeeded', costMicroUsd: whole.record.costMicroUsd });
  expect(output?.result, when).toEqual(whole.output?.result);
  expect(output?.usage, when).toEqual(whole.output?.usage);
  expect(told, when).toEqual(whole.told);
  expect(askedTwice, when).toEqual([]);
  // Two writers work at once, so at most two calls are in flight.
  expect(asked - whole.asked, when).toBeLessThanOrEqual(2);
  // A call whose outcome a crash hid is told to the model, and never made again.
  expect(published, when).toBeLessThanOrEqual(1);
}
