/** The process under test: one that serves and works. `subject.ts <database> <redis or nothing> <baseUrl>`. */
import { setTimeout as wait } from 'node:timers/promises';
import { keepHeapSmall } from '../../src/heap.ts';
import { createInspan } from '../../src/inspan.ts';
import { oneAgent } from '../turn/teams.ts';
import { answerCalls } from './peer.ts';
import { waitingTeam } from './teams.ts';

/** What a run of many jobs at once took. */
export interface Load {
  /** From the last job being in line to the last one having succeeded, once the process is warm. */
  readonly wallMs: number;
  /** The same of its first jobs. */
  readonly firstWallMs: number;
  readonly acceptMs: number;
  /** CPU of this process for one job, from being accepted to its end. */
  readonly cpuMs: number;
  /** What the process grew by, for one job: at the most, and in the middle of all samples. */
  readonly rssKb: number;
  readonly rssMiddleKb: number;
  /** What of it is alive: the heap after a collection, while all jobs wait for their model. */
  readonly heapKb: number;
}

/** What a process holds and uses while nothing happens in it. */
export interface Rest {
  readonly rssKb: number;
  readonly heapKb: number;
  /** Of one core. */
  readonly cpuShare: number;
}

/** What the process under test can be asked. */
export interface SubjectCalls {
  /** Serves the API on a port; gives its URL. */
  serve(): Promise<string>;
  /** Begins to work; what worked before is drained. */
  work(concurrency: number): Promise<void>;
  accept(team: 'one-agent' | 'waiting', jobs: number): Promise<readonly string[]>;
  /** Waits until so many more jobs than at the last `count` are in a state. */
  until(state: 'running' | 'parked' | 'succeeded', jobs: number): Promise<void>;
  /** `idealMs`: what the model alone takes. */
  load(jobs: number, idealMs: number): Promise<Load>;
  rest(ms: number): Promise<Rest>;
  /** Answers waiting jobs; gives how long it took until they had succeeded, in ms. */
  signal(ids: readonly string[]): Promise<number>;
}

const [, , database = '', redis = '', baseUrl = ''] = process.argv;
// As `inspan serve` and `inspan worker` do.
keepHeapSmall();
const caller = { tenant: 'default', by: 'local' } as const;
const inspan = createInspan({
  environment: {},
  model: 'anthropic/claude-haiku-4-5',
  providers: { anthropic: { baseUrl, apiKey: 'bench-key' } },
});
const service = await inspan.openService({
  database,
  ...(redis === '' ? {} : { redis }),
  teams: [oneAgent, waitingTeam],
  report: (line) => console.error(line),
});
let worker: ReturnType<typeof service.work> | null = null;

/** Jobs that load and compile what all of them use. */
const warmUpJobs = 100;
/** Requests under way at once where the bench brings jobs from within. */
const acceptsAtOnce = 100;
const sampleMs = 100;
/** Looking costs what is measured, so not too often: wall times may be this much too long. */
const lookMs = 10;

answerCalls<SubjectCalls>({
  serve: async () => (await service.serve({ port: 0 })).url,
  work,
  accept,
  until,
  load,
  rest,
  signal,
});

async function work(concurrency: number): Promise<void> {
  await worker?.drain();
  worker = concurrency === 0 ? null : service.work({ concurrency });
}

async function accept(team: string, jobs: number): Promise<readonly string[]> {
  const ids: string[] = [];
  let left = jobs;
  const bring = async (): Promise<void> => {
    while (left-- > 0) {
      const accepted = await service.desk.accept(caller, { team, text: 'Count.' });
      if (!accepted.ok) throw new Error(accepted.failures[0].message);
      ids.push(accepted.value.job.id);
    }
  };
  await Promise.all(Array.from({ length: acceptsAtOnce }, bring));
  return ids;
}

async function until(state: 'running' | 'parked' | 'succeeded', jobs: number): Promise<void> {
  for (;;) {
    const { [state]: there, failed } = await service.desk.count(null);
    if (failed > 0) throw new Error(`${failed} jobs of the bench failed`);
    if (there >= jobs) return;
    await wait(lookMs);
  }
}

async function load(jobs: number, idealMs: number): Promise<Load> {
  await accept('one-agent', warmUpJobs);
  await work(warmUpJobs);
  await until('succeeded', warmUpJobs);
  await work(0);
  globalThis.gc?.();
  const idle = { rss: process.memoryUsage.rss(), heap: process.memoryUsage().heapUsed };
  // V8 compiles what runs for the last time after some ten thousand turns: a process is warm after that.
  const first = await runAll(jobs, { idealMs, succeeded: warmUpJobs + jobs });
  await work(0);
  globalThis.gc?.();
  const timed = await runAll(jobs, { idealMs, succeeded: warmUpJobs + 2 * jobs });
  const heap = await heapOfWaiting(jobs, warmUpJobs + 3 * jobs);
  const perJob = (bytes: number): number => bytes / 1024 / jobs;
  const samples = [...first.samples, ...timed.samples].toSorted((a, b) => a - b);
  return {
    wallMs: timed.wallMs,
    firstWallMs: first.wallMs,
    acceptMs: timed.acceptMs,
    cpuMs: timed.cpuMs / jobs,
    rssKb: perJob((samples.at(-1) ?? 0) - idle.rss),
    rssMiddleKb: perJob((samples[Math.floor(samples.length / 2)] ?? 0) - idle.rss),
    heapKb: perJob(heap - idle.heap),
  };
}

async function runAll(
  jobs: number,
  { idealMs, succeeded }: { readonly idealMs: number; readonly succeeded: number },
) {
  const cpu = process.cpuUsage();
  const acceptedFrom = performance.now();
  await accept('one-agent', jobs);
  const began = performance.now();
  const samples: number[] = [];
  const sampling = setInterval(() => samples.push(process.memoryUsage.rss()), sampleMs);
  await work(jobs);
  // Before that there is nothing to see.
  await wait(idealMs);
  await until('succeeded', succeeded);
  clearInterval(sampling);
  const { user, system } = process.cpuUsage(cpu);
  return {
    wallMs: performance.now() - began,
    acceptMs: began - acceptedFrom,
    cpuMs: (user + system) / 1000,
    samples,
  };
}

/** In a run of its own: a collection stops everything, which the wall time must not pay for. */
async function heapOfWaiting(jobs: number, succeeded: number): Promise<number> {
  await work(0);
  await accept('one-agent', jobs);
  await work(jobs);
  await until('running', jobs);
  await wait(5_000);
  globalThis.gc?.();
  const heap = process.memoryUsage().heapUsed;
  await until('succeeded', succeeded);
  return heap;
}

async function rest(ms: number): Promise<Rest> {
  globalThis.gc?.();
  const before = process.cpuUsage();
  await wait(ms);
  const { user, system } = process.cpuUsage(before);
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  return { rssKb: rss / 1024, heapKb: heapUsed / 1024, cpuShare: (user + system) / 1000 / ms };
}

async function signal(ids: readonly string[]): Promise<number> {
  const { succeeded } = await service.desk.count(null);
  const began = performance.now();
  await Promise.all(
    ids.map(async (id) => {
      const signalled = await service.desk.signal(caller, id, { name: 'answer', value: 'Yes.' });
      if (!signalled.ok) throw new Error(signalled.failure.message);
    }),
  );
  await until('succeeded', succeeded + ids.length);
  return performance.now() - began;
}
