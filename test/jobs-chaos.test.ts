import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { checkOrder } from './chaos-jobs/check-order.ts';
import { openCluster } from './chaos-jobs/cluster.ts';
import { type House, leaseMs, openHouse, type Setting, tenantJobsMax } from './chaos-jobs/house.ts';
import { calmKills, median, mostAtOnce, resumedAfterMs } from './chaos-jobs/measures.ts';
import { createRandom, type Random } from './chaos-jobs/random.ts';
import { runReference } from './chaos-jobs/reference.ts';
import { type Aftermath, runChaos } from './chaos-jobs/run-chaos.ts';
import { openSingle } from './chaos-jobs/single.ts';

/** In each setting; `npm run test:chaos` asks for more. */
const jobsCount = Number(process.env['CHAOS_SERVICE_JOBS'] ?? 30);

/** Chooses what happens when. Only processes and their timing are never twice the same. */
const seed = Number(process.env['CHAOS_SEED'] ?? Date.now() % 100_000);

/** Far more than it takes, and far less than for ever. */
const timeoutMs = 60_000 + jobsCount * 2_000;

/** Enough of what processes complained of to see why. */
const complaintsMax = 60;

// Said before anything can hang.
console.log(`CHAOS_SEED=${seed}`);

type Open = (house: House, random: Random) => Promise<Setting>;

describe('one process on a file, killed and frozen at random,', () => {
  it(
    'ends every job once and right, repeats nothing finished, and accounts for it',
    async () => {
      await expectSurvival('file', openSingle);
    },
    timeoutMs,
  );
});

describe.runIf(inject('postgres') !== null && inject('redis') !== null)(
  'workers on Postgres and Redis, all of them killed, frozen, emptied and restarted at random,',
  () => {
    it(
      'end every job once and right, repeat nothing finished, account for it, and go on within their lease',
      async () => {
        const resumed = await expectSurvival('cluster', openCluster);
        expect(median(resumed) ?? 0).toBeLessThan(leaseMs);
      },
      timeoutMs,
    );
  },
);

/** Gives how long it took after each kill until a job went on, in ms. */
async function expectSurvival(name: string, open: Open): Promise<readonly number[]> {
  const random = createRandom(seed);
  const house = await openHouse();
  onTestFinished(() => house.close());
  const reference = await runReference(house);
  await Promise.all(['baked', 'charged'].map((book) => writeFile(join(house.folder, book), '')));
  const setting = await open(house, random);
  onTestFinished(() => setting.close());
  const aftermath = await runChaos(setting, jobsCount, random);
  await setting.calmDown();
  const verdict = await judge(house, aftermath, reference);
  const { orders, jobsCount: kept, mishaps, runningMax } = aftermath;
  const calls = house.gateway.calls();
  const resumed = resumedAfterMs(setting.kills, orders, calls);
  const calm = resumedAfterMs(calmKills(setting.kills, setting.outages), orders, calls);
  const told = Object.entries(mishaps).map(([mishap, count]) => `${mishap} ${count}`);
  console.log(
    `chaos on a ${name}: ${orders.length} jobs; ${told.sort().join(', ')}; ` +
      `repeated finished ${verdict.repeatedFinished}, in flight ${verdict.repeatedInFlight}; ` +
      `running at once ${runningMax} seen, ${mostAtOnce(orders)} told; ` +
      `gone on after a kill: ${spread(calm)}, all of them ${spread(resumed)}`,
  );
  const problems = [...verdict.problems, ...house.processes.problems(), ...house.gateway.problems()];
  if (problems.length > 0) console.log(house.processes.complaints().slice(0, complaintsMax).join('\n'));
  expect(problems).toEqual([]);
  expect([orders.length, kept]).toEqual([jobsCount, jobsCount]);
  expect(verdict.repeatedFinished).toBe(0);
  expect(Math.max(runningMax, mostAtOnce(orders))).toBeLessThanOrEqual(tenantJobsMax);
  return calm;
}

function spread(times: readonly number[]): string {
  return times.length === 0
    ? 'none'
    : `p50 ${median(times)} ms, max ${Math.max(...times)} ms of ${times.length}`;
}

async function judge(
  { gateway, simulator, folder }: House,
  { orders }: Aftermath,
  reference: Readonly<Record<string, string>>,
) {
  const calls = Map.groupBy(gateway.calls(), ({ order }) => order);
  const baked = await readBook(join(folder, 'baked'));
  const charged = await readBook(join(folder, 'charged'));
  const { keys } = simulator.accounts();
  const verdicts = orders.map((ended) =>
    checkOrder(ended, {
      reference,
      calls: calls.get(ended.order) ?? [],
      billedMicroUsd: keys[`order-${ended.order}`]?.costMicroUsd ?? 0,
      baked: baked.get(ended.order) ?? [],
      charged: charged.get(ended.order) ?? [],
    }),
  );
  return {
    problems: verdicts.flatMap(({ problems }) => problems),
    repeatedFinished: verdicts.reduce((sum, each) => sum + each.repeatedFinished, 0),
    repeatedInFlight: verdicts.reduce((sum, each) => sum + each.repeatedInFlight, 0),
  };
}

/** Order → the idempotency keys of its lines. */
async function readBook(file: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  const pairs = lines.map((line) => line.split(' '));
  const byOrder = Map.groupBy(pairs, ([order]) => order ?? '');
  return new Map([...byOrder].map(([order, of]) => [order, of.map(([, key]) => key ?? '')]));
}
