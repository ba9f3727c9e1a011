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

/** Makes a client. Nothing is sent before the first call; throws `TypeError` where `url` is no address or `key` no key. */
export function createClient(options: ClientOptions): Client {
  const { fetch = ownPlatform.fetch } = options;
  // Called as a function of its own: a browser's refuses to be a method of anything else.
  return createClientOn({ ...ownPlatform, fetch: (url, init) => fetch(url, init) }, options);
}

/** As `createClient`, on a given platform: with a clock that is moved by hand, for example. */
export function createClientOn(platform: Platform, options: ClientOptions): Client {
  const { url, key, patienceMs = 60_000, timeoutMs = 30_000 } = options;
  // The key itself is never shown: an error may end up in a log.
  if (key !== undefined && !isSendable(key)) {
    throw new TypeError(
      'key is no API key: one is ik_ and letters, digits, _ and -, without spaces or line breaks.',
    );
  }
  const caller = createCaller({ platform, address: addressOf(url), key, patienceMs, timeoutMs });
  return {
    ...createJobsToTheEnd(caller),
    jobs: createJobs(caller),
    ...createDesk(caller),
  };
}

function isSendable(key: string): boolean {
  return /^[\x21-\x7e]{1,200}$/.test(key);
}

function addressOf(url: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new TypeError(`url is ${url}: write the server's address, for example http://127.0.0.1:7420.`);
  }
  return url.replace(/\/+$/, '');
}
