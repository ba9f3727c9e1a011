import type { Platform } from './platform.ts';
import { InspanProblem, problemOf } from './problem.ts';

/** One call of the API. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Behind the server's address, each part encoded: see `pathOf`. */
  readonly path: string;
  /** What is undefined is left out; a list is given once for each item. */
  readonly query?: Readonly<Record<string, string | number | readonly string[] | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent instead of a body, as `multipart/form-data`. */
  readonly form?: FormData;
  /** True where a second one changes nothing: it may be sent again when nobody knows what became of the first. */
  readonly isRepeatable: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Speaks to a server: adds address and key, tries again where that is right, and reads problems. */
export interface Caller {
  readonly platform: Platform;
  /** Gives the JSON of the answer. */
  json<T>(call: Call): Promise<T>;
  /** Gives what `read` makes of the answer: its body must be read there, within the time of a call. */
  send<T>(call: Call, read: (response: Response) => Promise<T>): Promise<T>;
}

/** What a caller is made of. */
export interface CallerParts {
  readonly platform: Platform;
  /** `https://host/path`, without a slash at its end. */
  readonly address: string;
  readonly key: string | undefined;
  /** How long a call is tried again while nobody answers, or the server says it is busy. */
  readonly patienceMs: number;
  /** How long one try may take. */
  readonly timeoutMs: number;
}

/** Makes a caller. */
export function createCaller(parts: CallerParts): Caller {
  const send: Caller['send'] = async (call, read) => await persist(parts, call, read);
  return {
    platform: parts.platform,
    send,
    json: async <T>(call: Call) => await send(call, async (response) => (await readJson(response)) as T),
  };
}

/** Writes a path whose parts may hold anything. */
export function pathOf(...parts: readonly string[]): string {
  return parts.map((part) => `/${encodeURIComponent(part)}`).join('');
}

/** Waits before the next try, in ms: full jitter over 2^try × 250, at most 5 s (AWS, "Exponential Backoff"). */
export function backoffMs(tries: number, random: () => number): number {
  return Math.round(random() * Math.min(5_000, 250 * 2 ** Math.min(tries, 10)));
}

type Try<T> = { readonly value: T } | { readonly problem: InspanProblem };

async function persist<T>(
  parts: CallerParts,
  call: Call,
  read: (response: Response) => Promise<T>,
): Promise<T> {
  const { platform, patienceMs } = parts;
  const signal = call.signal ?? new AbortController().signal;
  const giveUpAtMs = platform.now() + patienceMs;
  for (let tries = 0; ; tries++) {
    signal.throwIfAborted();
    const tried = await tryOnce(parts, { call, signal, read });
    if ('value' in tried) return tried.value;
    const { problem } = tried;
    const waitMs = Math.max(problem.retryAfterMs ?? 0, backoffMs(tries, platform.random));
    if (!mayTryAgain(problem, call) || platform.now() + waitMs > giveUpAtMs) throw problem;
    await platform.sleep(waitMs, signal);
  }
}

/** A gateway's answers say as little of what became of a call as no answer does. */
const unclear: ReadonlySet<number | null> = new Set([null, 502, 503, 504]);

/** What was refused because there was too much of it has not been done, whatever it was. */
function mayTryAgain({ status }: InspanProblem, { isRepeatable }: Call): boolean {
  return status === 429 || (isRepeatable && unclear.has(status));
}

interface Trying<T> {
  readonly call: Call;
  readonly signal: AbortSignal;
  readonly read: (response: Response) => Promise<T>;
}

async function tryOnce<T>(parts: CallerParts, { call, signal, read }: Trying<T>): Promise<Try<T>> {
  const { platform, timeoutMs, address } = parts;
  // Outside of what is tried: who calls with what cannot be sent has made a mistake, and nobody was asked.
  const init = initOf(parts, call);
  const over = new AbortController();
  const late = new AbortController();
  void platform.sleep(timeoutMs, over.signal).then(() => {
    if (!over.signal.aborted) late.abort();
  });
  try {
    // What `read` leaves open, an event stream, goes on under the signal of whoever called.
    const stop = AbortSignal.any([signal, late.signal]);
    const response = await platform.fetch(urlOf(address, call), { ...init, signal: stop });
    if (response.ok) return { value: await read(response) };
    return { problem: problemOf(response, await response.text(), platform.now()) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof InspanProblem) return { problem: error };
    // What else is thrown here comes of the network: each platform has errors of its own for that.
    const why = late.signal.aborted ? `no answer within ${timeoutMs / 1000} s` : wordsOf(error);
    return { problem: unreachable(address, why) };
  } finally {
    over.abort();
  }
}

function urlOf(address: string, { path, query = {} }: Call): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const each of typeof value === 'object' ? value : [String(value)]) search.append(name, each);
  }
  return `${address}${path}${search.size === 0 ? '' : `?${search.toString()}`}`;
}

function initOf({ key }: CallerParts, { method, headers = {}, body, form }: Call): RequestInit {
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const auth = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const all = { accept: 'application/json', ...type, ...auth, ...headers };
  for (const [name, value] of Object.entries(all)) {
    if (!/^[\t\x20-\x7e]*$/.test(value)) throw new TypeError(`${name} takes visible ASCII characters alone.`);
  }
  const content = form ?? (body === undefined ? null : JSON.stringify(body));
  return {
    method,
    headers: all,
    ...(content === null ? {} : { body: content }),
    // A key is sent where it belongs and nowhere else.
    redirect: 'manual',
  };
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const { status, headers } = response;
    throw new InspanProblem({
      status,
      code: 'unexpected-answer',
      detail: `The server answered ${status} with something that is no JSON. Is this the address of an Inspan server?`,
      requestId: headers.get('x-request-id'),
    });
  }
}

function unreachable(address: string, why: string): InspanProblem {
  const { host } = new URL(address);
  const detail = `Nobody answers at ${host} (${why}). Is the server running, and is this its address?`;
  return new InspanProblem({ status: null, code: 'unreachable', detail });
}

/** A code where Node hides one in the cause. Never an error's own words: they may quote what was to be sent. */
function wordsOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return 'network error';
}
