import { type Caller, pathOf } from './caller.ts';
import type {
  ApiKey,
  AuditEntry,
  Delivery,
  Estimate,
  NewApiKey,
  NewWebhook,
  Schedule,
  Team,
  Webhook,
} from './wire-desk.ts';
import type {
  JobRequest,
  KeyRequest,
  ScheduleRequest,
  WebhookChange,
  WebhookRequest,
} from './wire-request.ts';
import type { Page } from './wire-values.ts';

/** What a server does besides jobs. */
export interface Desk {
  readonly teams: Teams;
  readonly schedules: Schedules;
  readonly webhooks: Webhooks;
  readonly keys: Keys;
  /** What a job would probably cost. Nothing is kept. */
  estimate(request: JobRequest): Promise<Estimate>;
  /** Who did what, newest first. Takes a key with the scope `admin`. */
  audit(page?: PageQuery): Promise<Page<AuditEntry>>;
}

/** Which page of a list is wanted. */
export interface PageQuery {
  /** `next` of the page before. */
  readonly cursor?: string;
  /** From 1 to 200. */
  readonly limit?: number;
}

/** The teams that jobs may ask for. */
export interface Teams {
  list(): Promise<readonly Team[]>;
  get(name: string): Promise<Team>;
}

/** Jobs that come back by the clock. */
export interface Schedules {
  create(request: ScheduleRequest): Promise<Schedule>;
  list(): Promise<readonly Schedule[]>;
  get(id: string): Promise<Schedule>;
  pause(id: string): Promise<Schedule>;
  resume(id: string): Promise<Schedule>;
  remove(id: string): Promise<void>;
}

/** Addresses that are told what happens to jobs. */
export interface Webhooks {
  /** Shows the secret, this once. */
  create(request: WebhookRequest): Promise<NewWebhook>;
  list(): Promise<readonly Webhook[]>;
  get(id: string): Promise<Webhook>;
  change(id: string, change: WebhookChange): Promise<Webhook>;
  remove(id: string): Promise<void>;
  /** Sends a message that says it is a test. */
  test(id: string): Promise<Delivery>;
  /** Newest first. */
  deliveries(id: string, page?: PageQuery): Promise<Page<Delivery>>;
  redeliver(id: string, delivery: string): Promise<Delivery>;
}

/** API keys of one's own tenant. Takes a key with the scope `admin`. */
export interface Keys {
  /** Shows the key, this once. */
  create(request: KeyRequest): Promise<NewApiKey>;
  list(): Promise<readonly ApiKey[]>;
  /** A new key with the same rights. The old one goes on for `graceMs`. Default: it ends at once. */
  rotate(id: string, options?: { readonly graceMs?: number }): Promise<NewApiKey>;
  revoke(id: string): Promise<ApiKey>;
}

/** Speaks of everything but jobs to a server. */
export function createDesk(caller: Caller): Desk {
  const { get, post } = shortFor(caller);
  return {
    teams: {
      list: async () => (await get<Page<Team>>(['teams'])).items,
      get: (name) => get(['teams', name]),
    },
    schedules: createSchedules(caller),
    webhooks: createWebhooks(caller),
    keys: createKeys(caller),
    estimate: (request) => post(['estimates'], request, true),
    audit: (page = {}) => get(['audit'], page),
  };
}

function createSchedules(caller: Caller): Schedules {
  const { get, post, remove } = shortFor(caller);
  return {
    create: (request) => post(['schedules'], request),
    list: async () => (await get<Page<Schedule>>(['schedules'])).items,
    get: (id) => get(['schedules', id]),
    pause: (id) => post(['schedules', id, 'pause'], undefined, true),
    resume: (id) => post(['schedules', id, 'resume'], undefined, true),
    remove: (id) => remove(['schedules', id]),
  };
}

function createWebhooks(caller: Caller): Webhooks {
  const { get, post, patch, remove } = shortFor(caller);
  return {
    create: (request) => post(['webhooks'], request),
    list: async () => (await get<Page<Webhook>>(['webhooks'])).items,
    get: (id) => get(['webhooks', id]),
    change: (id, change) => patch(['webhooks', id], change),
    remove: (id) => remove(['webhooks', id]),
    test: (id) => post(['webhooks', id, 'test']),
    deliveries: (id, page = {}) => get(['webhooks', id, 'deliveries'], page),
    redeliver: (id, delivery) => post(['webhooks', id, 'deliveries', delivery, 'redeliver']),
  };
}

function createKeys(caller: Caller): Keys {
  const { get, post } = shortFor(caller);
  return {
    create: (request) => post(['keys'], request),
    list: async () => (await get<Page<ApiKey>>(['keys'])).items,
    rotate: (id, options = {}) => post(['keys', id, 'rotate'], options),
    revoke: (id) => post(['keys', id, 'revoke'], undefined, true),
  };
}

type Parts = readonly string[];

/** The four kinds of calls that the desk is made of. */
interface Short {
  get<T>(parts: Parts, query?: PageQuery): Promise<T>;
  /** `isRepeatable`: a second one changes nothing. */
  post<T>(parts: Parts, body?: unknown, isRepeatable?: boolean): Promise<T>;
  patch<T>(parts: Parts, body: unknown): Promise<T>;
  remove(parts: Parts): Promise<void>;
}

function shortFor({ json }: Caller): Short {
  const path = (parts: Parts): string => pathOf('v1', ...parts);
  return {
    get: (parts, query = {}) =>
      json({ method: 'GET', path: path(parts), query: { ...query }, isRepeatable: true }),
    post: (parts, body, isRepeatable = false) =>
      json({ method: 'POST', path: path(parts), ...(body === undefined ? {} : { body }), isRepeatable }),
    patch: (parts, body) => json({ method: 'PATCH', path: path(parts), body, isRepeatable: true }),
    remove: (parts) => json({ method: 'DELETE', path: path(parts), isRepeatable: false }),
  };
}
