import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Client,
  createClient,
  InspanProblem,
  type Job,
  type JobEvent,
  type Step,
} from '../../src/client/index.ts';
import { type Setting, tenants } from './house.ts';
import { orderFile, orderName } from './orders.ts';
import type { Random } from './random.ts';

/** A server that restarts under mischief may be away for a while. */
const patienceMs = 120_000;
/** Whoever polls anyway need not wait for longer. */
const impatience = Object.freeze({ patienceMs: 0, timeoutMs: 5_000 });
const pollMs = 30;
const sampleMs = 40;
const stepsPage = 200;

/** A job and all that is left of it when everything has ended. */
export interface EndedOrder {
  readonly order: string;
  readonly tenant: string;
  readonly job: Job;
  readonly events: readonly JobEvent[];
  readonly steps: readonly Step[];
  /** Path → text. */
  readonly files: Readonly<Record<string, string>>;
}

/** What a run of mischief left behind. */
export interface Aftermath {
  readonly orders: readonly EndedOrder[];
  /** How many jobs there are in all, by the lists of their tenants. */
  readonly jobsCount: number;
  /** Mishap → how often. */
  readonly mishaps: Readonly<Record<string, number>>;
  /** The most jobs of one tenant that were seen running at once. */
  readonly runningMax: number;
}

/** Brings so many jobs while mischief goes on, waits until all have ended, and reads what is left of them. */
export async function runChaos(setting: Setting, count: number, random: Random): Promise<Aftermath> {
  const clients = tenants.map((tenant) => {
    const at = { url: setting.url, key: setting.keys[tenant] ?? '' };
    return {
      tenant,
      client: createClient({ ...at, patienceMs }),
      impatient: createClient({ ...at, ...impatience }),
    };
  });
  const over = new AbortController();
  const mischief = doMischief(setting, random, over.signal);
  const sampled = sampleRunning(setting, over.signal);
  const numbers = Array.from({ length: count }, (_, number) => number);
  const ended = await Promise.all(
    clients.map(async ({ tenant, client, impatient }, place) => {
      const own = numbers.filter((number) => number % tenants.length === place).map(orderName);
      return { tenant, client, jobs: await bringAll(client, impatient, own) };
    }),
  );
  over.abort();
  const [mishaps, runningMax] = await Promise.all([mischief, sampled]);
  const read = ended.map(async ({ tenant, client, jobs }) => ({
    orders: await readOrders(client, tenant, jobs),
    jobsCount: await countJobs(client),
  }));
  const all = await Promise.all(read);
  return {
    orders: all.flatMap(({ orders }) => orders),
    jobsCount: all.reduce((sum, { jobsCount }) => sum + jobsCount, 0),
    mishaps,
    runningMax,
  };
}

async function doMischief(
  { mishaps }: Setting,
  random: Random,
  over: AbortSignal,
): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (;;) {
    for (const [name, befall] of random.shuffled(mishaps)) {
      await sleep(random.between(300, 2_000), undefined, { signal: over }).catch(() => {});
      if (over.aborted) return counts;
      await befall();
      counts[name] = (counts[name] ?? 0) + 1;
    }
  }
}

async function sampleRunning({ running }: Setting, over: AbortSignal): Promise<number> {
  let most = 0;
  while (!over.aborted) {
    most = Math.max(most, ...Object.values((await running()) ?? {}));
    await sleep(sampleMs);
  }
  return most;
}

type Brought = readonly { readonly order: string; readonly job: Job }[];

/** Brings the jobs of a tenant, and polls each until it has ended. */
async function bringAll(client: Client, impatient: Client, orders: readonly string[]): Promise<Brought> {
  const open = new Map<string, string>();
  const ended: { order: string; job: Job }[] = [];
  let isBrought = false;
  const bring = async (): Promise<void> => {
    for (const order of orders) {
      const request = { team: 'bakery', text: `Do order ${order}.`, files: orderFile(order) };
      const { id } = await client.jobs.create(request, { idempotencyKey: `order-${order}` });
      open.set(id, order);
    }
    isBrought = true;
  };
  const poll = async (): Promise<void> => {
    while (!isBrought || open.size > 0) {
      for (const [id, order] of open) {
        const job = await pollOnce(impatient, id);
        if (job !== null && job.endedAt !== null) {
          open.delete(id);
          ended.push({ order, job });
        }
        await sleep(pollMs);
      }
      await sleep(pollMs);
    }
  };
  await Promise.all([bring(), poll()]);
  return ended;
}

/** Null while nobody answers. */
async function pollOnce({ jobs }: Client, id: string): Promise<Job | null> {
  try {
    return await jobs.get(id);
  } catch (error) {
    if (error instanceof InspanProblem && (error.status ?? 503) >= 500) return null;
    throw error;
  }
}

async function readOrders(client: Client, tenant: string, brought: Brought): Promise<readonly EndedOrder[]> {
  const orders: EndedOrder[] = [];
  for (const { order, job } of brought) {
    const [events, steps, files] = await Promise.all([
      readEvents(client, job.id),
      readSteps(client, job.id),
      readFiles(client, job.id),
    ]);
    orders.push({ order, tenant, job, events, steps, files });
  }
  return orders;
}

async function readEvents({ jobs }: Client, id: string): Promise<readonly JobEvent[]> {
  const events: JobEvent[] = [];
  for await (const event of jobs.events(id)) if (event.seq !== undefined) events.push(event);
  return events;
}

async function readSteps({ jobs }: Client, id: string): Promise<readonly Step[]> {
  const steps: Step[] = [];
  for (let after = 0; ; ) {
    const { items, next } = await jobs.steps(id, { after, limit: stepsPage });
    steps.push(...items);
    if (next === null) return steps;
    after = next;
  }
}

async function readFiles({ jobs }: Client, id: string): Promise<Readonly<Record<string, string>>> {
  const paths = (await jobs.files(id)).map(({ path }) => path);
  const read = paths.map(
    async (path) => [path, new TextDecoder().decode(await jobs.file(id, path))] as const,
  );
  return Object.fromEntries(await Promise.all(read));
}

async function countJobs({ jobs }: Client): Promise<number> {
  let count = 0;
  for (let cursor: string | undefined; ; ) {
    const page = await jobs.list({ limit: 200, ...(cursor === undefined ? {} : { cursor }) });
    count += page.items.length;
    if (page.next === null) return count;
    cursor = page.next;
  }
}
