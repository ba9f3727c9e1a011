import { onTestFinished } from 'vitest';
import type { KeyScope } from '../../src/core/index.ts';
import {
  type AccessLine,
  createApp,
  createKeys,
  defaultLimits,
  type ServerApp,
  type ServerOptions,
  type ServerParts,
} from '../../src/server/index.ts';
import { type HouseOptions, type JobHouse, openJobHouse } from './job-house.ts';
import { pairModel, pairTeam } from './job-team.ts';

/** The whole API on a real desk and a real store, asked without a network. */
export interface ServerHouse extends JobHouse {
  readonly app: ServerApp;
  readonly parts: ServerParts;
  /** What the operator was told. */
  readonly reports: string[];
  readonly log: AccessLine[];
  /** Makes a key; its text. */
  key(tenant: string, scopes?: readonly KeyScope[]): Promise<string>;
  ask(method: string, path: string, asking?: Asking): Promise<Response>;
}

/** What a request brings. */
export interface Asking {
  readonly key?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly raw?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | FormData;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** What a house may want otherwise. */
export interface ServerHouseOptions extends Partial<HouseOptions> {
  readonly options?: Partial<ServerOptions>;
  readonly limits?: Partial<ServerOptions['limits']>;
  readonly parts?: (parts: ServerParts) => Partial<ServerParts>;
}

/** Opens a house. It is closed when the test is over. */
export async function openServerHouse(given: ServerHouseOptions = {}): Promise<ServerHouse> {
  const house = await openJobHouse({ teams: [pairTeam()], model: pairModel(), ...given });
  onTestFinished(() => house.close());
  const reports: string[] = [];
  const log: AccessLine[] = [];
  const parts = partsOf(house, { given, reports, log });
  const app = createApp(parts);
  const ask: ServerHouse['ask'] = async (method, path, asking = {}) => {
    const response = await app.fetch(requestOf(method, path, asking));
    await checkAnswer(response, app, log.at(-1));
    return response;
  };
  return {
    ...house,
    app,
    parts,
    reports,
    log,
    ask,
    async key(tenant, scopes = ['admin']) {
      const made = await parts.keys.make({ tenant, label: 'test', scopes, expiresAtMs: null });
      if (!made.ok) throw new Error(made.failure.message);
      return made.value.key;
    },
  };
}

/** Every success has the shape that its route was described with. */
async function checkAnswer(response: Response, { routes }: ServerApp, line?: AccessLine): Promise<void> {
  if (!response.ok || line?.method === 'HEAD' || response.headers.get('content-type') !== 'application/json')
    return;
  const route = routes.find(
    ({ path, method }) => path === line?.route && method.toUpperCase() === line?.method,
  );
  const shape = route?.answers[response.status]?.shape;
  if (shape === undefined) throw new Error(`${line?.route} answers ${response.status} without saying so`);
  shape.parse(await response.clone().json());
}

interface Told {
  readonly given: ServerHouseOptions;
  readonly reports: string[];
  readonly log: AccessLine[];
}

function partsOf(house: JobHouse, { given, reports, log }: Told): ServerParts {
  const { desk, store, hot, clock } = house;
  const counter = { ids: 0, bytes: 0 };
  const randomBytes = (size: number): Uint8Array => {
    counter.bytes += 1;
    return new Uint8Array(size).fill(counter.bytes);
  };
  const parts: ServerParts = {
    desk,
    store,
    hot,
    clock,
    keys: createKeys({ store: store.keys, clock, randomBytes }),
    randomBytes,
    newId: () => `id${++counter.ids}`,
    metrics: { runningJobs: () => 0 },
    options: {
      isOpen: true,
      storage: 'file',
      allowedOrigins: [],
      hasOpenMetrics: false,
      hasPrivateWebhooks: true,
      ...given.options,
      limits: { ...defaultLimits, ...given.limits },
    },
    report: (line) => reports.push(line),
    log: (line) => log.push(line),
  };
  return { ...parts, ...given.parts?.(parts) };
}

function requestOf(method: string, path: string, { key, body, raw, headers = {}, signal }: Asking): Request {
  const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  return new Request(`http://127.0.0.1${path}`, {
    method,
    headers: {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(content === undefined ? {} : { body: content }),
    ...(signal === undefined ? {} : { signal }),
    ...(content instanceof ReadableStream ? { duplex: 'half' } : {}),
  } as RequestInit);
}

/** Reads a JSON answer. */
export async function readBody<T>(response: Response): Promise<T> {
  return (await response.json()) as T;
}
