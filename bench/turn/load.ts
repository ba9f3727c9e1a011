/** A thousand jobs at once in a fresh process: `load.ts <floor|inspan> <baseUrl> <jobs>`. Prints a `Load` as JSON. */
import { floorSubject } from './floor.ts';
import { inspanSubject } from './inspan.ts';

/** What the jobs took together. */
export interface Load {
  readonly wallMs: number;
  readonly cpuMs: number;
  /** How much the process grew per job, in kB. */
  readonly rssKb: number;
}

/** Jobs that load and compile what all of them use. */
const warmUpJobs = 20;

const [, , name, baseUrl = '', count = '0'] = process.argv;
const access = { baseUrl, wire: 'messages', stream: true } as const;
const subject = name === 'floor' ? await floorSubject(access) : inspanSubject(access);
await atOnce(warmUpJobs);
const before = { rss: process.memoryUsage.rss(), cpu: process.cpuUsage(), ms: performance.now() };
await atOnce(Number(count));
const { user, system } = process.cpuUsage(before.cpu);
const load: Load = {
  wallMs: performance.now() - before.ms,
  cpuMs: (user + system) / 1000,
  rssKb: (process.memoryUsage.rss() - before.rss) / 1024 / Number(count),
};
console.log(JSON.stringify(load));
process.exit();

async function atOnce(jobs: number): Promise<void> {
  await Promise.all(Array.from({ length: jobs }, () => subject.one()));
}
