import { createCaller } from './caller.ts';
import { createDesk, type Desk } from './desk.ts';
import { createJobs, type Jobs } from './jobs.ts';
import { ownPlatform, type Platform } from './platform.ts';
import { createJobsToTheEnd, type JobsToTheEnd } from './run-job.ts';

/** How a server is reached. */
export interface ClientOptions {
  /** The server's address, for example `https://inspan.example.org`. */
  readonly url: string;
  /** An API key, `ik_…`. Not needed where the server is open: on its own machine, before any key was made. */
  readonly key?: string;
  /** Default: the platform's. */
  readonly fetch?: Platform['fetch'];
  /**
   * How long a call is tried again while nobody answers or the server is busy, in ms. Default: a minute, in which a
   * server restarts. Only calls that may be repeated are: see each.
   */
  readonly patienceMs?: number;
  /** How long one try may take, in ms. Default: 30 s. Event streams may last for ever. */
  readonly timeoutMs?: number;
}

/** Speaks to a server, from Node and browsers. Every call fails with `InspanProblem`. */
export interface Client extends JobsToTheEnd, Desk {
  readonly jobs: Jobs;
}

/** Makes a client. Nothing is sent before the first call; throws `TypeError` where `url` is no address. */
export function createClient(options: ClientOptions): Client {
  return createClientOn({ ...ownPlatform, ...(options.fetch && { fetch: options.fetch }) }, options);
}

/** As `createClient`, on a given platform: with a clock that is moved by hand, for example. */
export function createClientOn(platform: Platform, options: ClientOptions): Client {
  const { url, key, patienceMs = 60_000, timeoutMs = 30_000 } = options;
  const caller = createCaller({ platform, address: addressOf(url), key, patienceMs, timeoutMs });
  return {
    ...createJobsToTheEnd(caller),
    jobs: createJobs(caller),
    ...createDesk(caller),
  };
}

function addressOf(url: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new TypeError(`url is ${url}: write the server's address, for example http://127.0.0.1:7420.`);
  }
  return url.replace(/\/+$/, '');
}
