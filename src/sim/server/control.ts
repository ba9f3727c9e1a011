import { isJsonObject, type Json, type Result } from '../../core/index.ts';
import type { AccountBook } from '../economy/accounts.ts';
import type { LoggedRequest } from './request-log.ts';
import type { Endpoint, HttpAnswer, HttpCall } from './wire.ts';

/** What the control endpoints can do with a running simulator. */
export interface Controls {
  accounts(): AccountBook;
  resetAccounts(): void;
  requests(last: number): readonly LoggedRequest[];
  /** Moves the clock of caches, limits and batches; nobody waits. Gives the new time in ms since 1970. */
  advance(ms: number): number;
  /** Replaces the whole profile. Rate limits and fault counts begin anew; caches and accounts stay. */
  replaceProfile(data: unknown): Result<unknown>;
}

/** Requests that are told where the caller does not say how many. */
const requestsUsual = 20;

/** Makes the endpoints under `/sim/`, for tests and people. They need no key. */
export function controlEndpoints(controls: Controls): readonly Endpoint[] {
  return [
    {
      method: 'GET',
      path: '/sim/accounts',
      answer: async () => json(200, controls.accounts()),
    },
    {
      method: 'DELETE',
      path: '/sim/accounts',
      answer: async () => {
        controls.resetAccounts();
        return json(200, controls.accounts());
      },
    },
    {
      method: 'GET',
      path: '/sim/requests',
      answer: async ({ query }) => {
        const last = Number(query.get('last') ?? requestsUsual);
        if (!Number.isInteger(last) || last < 1) return mistake('last is a whole number from 1 on: ?last=20');
        return json(200, { requests: controls.requests(last) });
      },
    },
    {
      method: 'POST',
      path: '/sim/clock',
      answer: async ({ body }) => advance(controls, body),
    },
    {
      method: 'PUT',
      path: '/sim/profile',
      answer: async ({ body }) => {
        if (body === undefined || body === 'unreadable') return mistake('the body is a profile as JSON');
        const replaced = controls.replaceProfile(body);
        return replaced.ok ? json(200, { replaced: true }) : mistake(replaced.failure.message);
      },
    },
  ];
}

function advance(controls: Controls, body: HttpCall['body']): HttpAnswer {
  const ms = isJsonObject(body) ? body['advanceMs'] : undefined;
  if (typeof ms !== 'number' || !Number.isFinite(ms) || ms < 0)
    return mistake('the body says how far: { "advanceMs": 300000 }');
  return json(200, { nowMs: controls.advance(ms) });
}

/** An answer in no provider's shape. */
export function mistake(message: string, status = 400): HttpAnswer {
  return json(status, { error: { message } });
}

function json(status: number, body: object): HttpAnswer {
  return { type: 'whole', status, headers: {}, body: body as Json };
}
