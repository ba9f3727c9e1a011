/**
 * What durable jobs cost, through the API and from within, in a file and in a cluster. Everything runs on this machine
 * and counts: the process under test, the provider, the database, Redis, and whoever asks.
 *
 * npm run bench:jobs                   Postgres and Redis are started where they are installed, else left out
 * npm run bench:jobs -- load accept    only some rows: accept, poll, append, load, parked
 *
 * - accept: `POST /v1/jobs` from another process, while nobody works. Durable before each answer.
 * - poll: `GET /v1/jobs/{id}` of 200 jobs that wait for their model, from another process, beside a bare server that
 *   answers as much from memory.
 * - append: records of a kilobyte, each kept before its writer writes the next one; the floor inserts and commits one
 *   row after the other into a file.
 * - load: 1,000 jobs of ten model calls, each of a second and all but the last with a tool call after it, in one
 *   process; wall time from all of them being in line to the last one having succeeded, over the ten seconds that the
 *   model takes. Memory is what the process grew by from idle and warm, after a collection, to its highest sample
 *   (ten a second) while they ran, their connections included; beside it the middle of all samples, and the heap that
 *   is alive while all of them wait for their model.
 * - parked: 10,000 jobs that wait for a person.
 *
 * Latencies of a pace are from when a request was due. On a busy machine only ratios and medians of several runs tell
 * anything.
 */
import type { ClientCalls, Latencies } from './jobs/client.ts';
import type { FloorCalls } from './jobs/floor.ts';
import { type Peer, startPeer } from './jobs/peer.ts';
import { type Figure, report } from './jobs/report.ts';
import { openStores, type StoreName, type Stores } from './jobs/stores.ts';
import type { SubjectCalls } from './jobs/subject.ts';
import type { WriterCalls } from './jobs/writers.ts';
import { type BenchServer, cores, startServer } from './turn/machine.ts';

/** At 100 requests a second. */
const acceptP99MsMax = 25;
/** Of what a bare server keeps with a commit for each request, answered as fast as they are asked. */
const acceptShareMin = 0.1;
const acceptsAtOnce = 64;
const pollsPerSecond = 1_000;
const pollP99MsMax = 5;
const polledJobs = 200;
/** The model does not answer before all polls are over. */
const pollLatencyMs = 60_000;
const askMs = 10_000;

const appendWriters = [50, 1_000] as const;
const appends = 40_000;
/** Of rows a second that are committed one by one. */
const appendRatioMin = 2;

/** Eight ticks, a file and a last word: ten calls of the model. */
const load = Object.freeze({ jobs: 1_000, turns: 9, idealMs: 10_000, latencyMs: 1_000 });
const wallRatioMax: Readonly<Record<StoreName, number>> = Object.freeze({
  SQLite: 1.1,
  'Postgres and Redis': 1.2,
  'Postgres alone': 1.2,
});
const memoryKbMax = 200;

const parked = Object.freeze({ jobs: 10_000, atOnce: 64, answered: 100, restMs: 30_000 });
/** Next to nothing: what the collector and the allocator leave lying about. */
const parkedKbMax = 1;
const parkedCpuShareMax = 0.02;
const answeredMsMax = 5_000;

/** What every row measures with. */
interface Bench {
  readonly server: BenchServer;
  readonly stores: Stores;
}

/** What can be measured, by the name it is asked for with. */
const rows: Readonly<Record<string, (bench: Bench) => Promise<boolean>>> = Object.freeze({
  accept: measureAccepts,
  poll: measurePolls,
  append: measureAppends,
  load: measureLoad,
  parked: measureParked,
});

process.exitCode = await main();

async function main(): Promise<number> {
  const wanted = process.argv.slice(2);
  const names = wanted.length === 0 ? Object.keys(rows) : wanted;
  const unknown = names.filter((name) => !Object.hasOwn(rows, name));
  if (unknown.length > 0) {
    console.error(`There is no row ${unknown.join(', ')}. There are ${Object.keys(rows).join(', ')}.`);
    return 1;
  }
  const bench = { server: await startServer(cores.all), stores: await openStores() };
  console.log(`Node ${process.version}`);
  const passed: boolean[] = [];
  for (const name of names) passed.push((await rows[name]?.(bench)) === true);
  bench.server.close();
  await bench.stores.close();
  return passed.every(Boolean) ? 0 : 1;
}

async function measureAccepts({ stores, server }: Bench): Promise<boolean> {
  const floor = startPeer<FloorCalls>('floor.ts', [stores.freshFile()]);
  const client = startPeer<ClientCalls>('client.ts');
  const asking = (url: string) => ({
    method: 'POST' as const,
    urls: [`${url}/v1/jobs`],
    body: JSON.stringify({ team: 'one-agent', text: 'Count.' }),
    ms: askMs,
  });
  const bare = await client.ask('closedLoop', asking(await floor.ask('serve')), acceptsAtOnce);
  await floor.close();
  const passed: boolean[] = [];
  for (const name of stores.available(['SQLite', 'Postgres and Redis'])) {
    const subject = await startSubject({ stores, server }, name);
    const url = await subject.ask('serve');
    const paced = await client.ask('openLoop', asking(url), 100);
    const most = await client.ask('closedLoop', asking(url), acceptsAtOnce);
    await subject.close();
    const share = most.perSecond / bare.perSecond;
    passed.push(
      report([
        latencyFigure(`accept, ${name}, 100/s`, paced, acceptP99MsMax),
        {
          name: `accept, ${name}, most`,
          text: `${most.perSecond.toFixed(0)}/s, p99 ${most.p99Ms.toFixed(0)} ms, ${share.toFixed(2)} of a bare server`,
          value: share,
          target: { atLeast: acceptShareMin, unit: 'of it' },
        },
      ]),
    );
  }
  await client.close();
  return passed.every(Boolean);
}

async function measurePolls({ stores, server }: Bench): Promise<boolean> {
  const client = startPeer<ClientCalls>('client.ts');
  const floor = startPeer<FloorCalls>('floor.ts', [stores.freshFile()]);
  const bareUrl = await floor.ask('serve');
  const bare = await client.ask('openLoop', { method: 'GET', urls: [bareUrl], ms: askMs }, pollsPerSecond);
  await floor.close();
  const passed: boolean[] = [];
  for (const name of stores.available(['SQLite', 'Postgres and Redis', 'Postgres alone'])) {
    const subject = await startSubject({ stores, server }, name, { latencyMs: pollLatencyMs });
    const url = await subject.ask('serve');
    await subject.ask('work', polledJobs);
    const ids = await subject.ask('accept', 'one-agent', polledJobs);
    await subject.ask('until', 'running', polledJobs);
    const asking = { method: 'GET' as const, urls: ids.map((id) => `${url}/v1/jobs/${id}`), ms: askMs };
    const paced = await client.ask('openLoop', asking, pollsPerSecond);
    const most = await client.ask('closedLoop', asking, acceptsAtOnce);
    await subject.close();
    passed.push(
      report([
        withFloor(latencyFigure(`poll, ${name}, 1,000/s`, paced, pollP99MsMax), bare),
        {
          name: `poll, ${name}, most`,
          text: `${most.perSecond.toFixed(0)}/s, p99 ${most.p99Ms.toFixed(0)} ms`,
          value: most.perSecond,
          target: { atLeast: pollsPerSecond, unit: '/s' },
        },
      ]),
    );
  }
  await client.close();
  return passed.every(Boolean);
}

function latencyFigure(name: string, { p50Ms, p99Ms }: Latencies, atMost: number): Figure {
  const text = `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`;
  return { name, text, value: p99Ms, target: { atMost, unit: 'ms' } };
}

/** Says what a bare server took: what a busy machine adds, it adds to both. */
function withFloor(figure: Figure, { p99Ms }: Latencies): Figure {
  return { ...figure, text: `${figure.text} (a bare server ${p99Ms.toFixed(1)} ms)` };
}

async function measureAppends({ stores }: Bench): Promise<boolean> {
  const passed: boolean[] = [];
  for (const name of stores.available(['SQLite', 'Postgres alone'])) {
    const { database } = await stores.fresh(name);
    const writer = startPeer<WriterCalls>('writers.ts', [database]);
    for (const writers of appendWriters) {
      const alone = await writer.ask('insertAlone', stores.freshFile(), 2_000);
      const { perSecond, p50Ms, p99Ms } = await writer.ask('append', writers, appends);
      const ratio = perSecond / alone;
      const text = `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms, ${perSecond.toFixed(0)}/s, ${ratio.toFixed(1)} floors`;
      const target = { atLeast: appendRatioMin, unit: 'floors' };
      passed.push(report([{ name: `append, ${name}, ${writers} writers`, text, value: ratio, target }]));
    }
    await writer.close();
  }
  return passed.every(Boolean);
}

async function measureLoad({ stores, server }: Bench): Promise<boolean> {
  const passed: boolean[] = [];
  for (const name of stores.available(['SQLite', 'Postgres and Redis'])) {
    const subject = await startSubject({ stores, server }, name, load);
    const loaded = await subject.ask('load', load.jobs, load.idealMs);
    const { wallMs, firstWallMs, acceptMs, cpuMs, rssKb, rssMiddleKb, heapKb } = loaded;
    await subject.close();
    const ratio = wallMs / load.idealMs;
    const first = firstWallMs / load.idealMs;
    const memory = `${rssKb.toFixed(0)} kB (middle ${rssMiddleKb.toFixed(0)}, alive ${heapKb.toFixed(0)})`;
    passed.push(
      report([
        {
          name: `load, ${name}, wall over ideal`,
          text: `${ratio.toFixed(3)} (its first jobs ${first.toFixed(3)}, CPU of a job ${cpuMs.toFixed(1)} ms, in line ${(acceptMs / 1000).toFixed(1)} s)`,
          value: ratio,
          target: { atMost: wallRatioMax[name], unit: '' },
        },
        {
          name: `load, ${name}, memory of a running job`,
          text: memory,
          value: rssKb,
          target: { atMost: memoryKbMax, unit: 'kB' },
        },
      ]),
    );
  }
  return passed.every(Boolean);
}

async function measureParked({ stores, server }: Bench): Promise<boolean> {
  const passed: boolean[] = [];
  for (const name of stores.available(['SQLite', 'Postgres and Redis'])) {
    const subject = await startSubject({ stores, server }, name);
    await subject.ask('work', parked.atOnce);
    // Warm: what has parked and ended before leaves its code and its caches.
    await subject.ask('signal', await park(subject, parked.answered, parked.answered));
    const before = await subject.ask('rest', parked.restMs);
    const ids = await park(subject, parked.jobs, parked.jobs);
    const after = await subject.ask('rest', parked.restMs);
    const answeredMs = await subject.ask('signal', ids.slice(0, parked.answered));
    await subject.close();
    const heapKb = (after.heapKb - before.heapKb) / parked.jobs;
    const rssKb = (after.rssKb - before.rssKb) / parked.jobs;
    const share = (of: number): string => `${(of * 100).toFixed(2)} %`;
    passed.push(
      report([
        {
          name: `parked, ${name}, memory of a job`,
          text: `${heapKb.toFixed(2)} kB (process ${rssKb.toFixed(1)} kB)`,
          value: heapKb,
          target: { atMost: parkedKbMax, unit: 'kB' },
        },
        {
          name: `parked, ${name}, CPU of the worker`,
          text: `${share(before.cpuShare)} before, ${share(after.cpuShare)} after`,
          value: after.cpuShare - before.cpuShare,
          target: { atMost: parkedCpuShareMax, unit: 'more' },
        },
        {
          name: `parked, ${name}, ${parked.answered} answered`,
          text: `${answeredMs.toFixed(0)} ms until they ended`,
          value: answeredMs,
          target: { atMost: answeredMsMax, unit: 'ms' },
        },
      ]),
    );
  }
  return passed.every(Boolean);
}

async function park(
  subject: Peer<SubjectCalls>,
  jobs: number,
  parkedJobs: number,
): Promise<readonly string[]> {
  const ids = await subject.ask('accept', 'waiting', jobs);
  await subject.ask('until', 'parked', parkedJobs);
  return ids;
}

/** Starts the process under test on a store that nobody has used. */
async function startSubject(
  { stores, server }: Bench,
  name: StoreName,
  { turns = 1, latencyMs = 0 }: { readonly turns?: number; readonly latencyMs?: number } = {},
): Promise<Peer<SubjectCalls>> {
  const { database, redis } = await stores.fresh(name);
  return startPeer<SubjectCalls>('subject.ts', [database, redis, server.baseUrl(turns, latencyMs)]);
}
