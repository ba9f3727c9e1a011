import { z } from '@hono/zod-openapi';
import { type ApiKey, failure } from '../../core/index.ts';
import type { Caller } from '../../jobs/index.ts';
import type { ServerParts } from '../parts.ts';
import { json, type Route, refuse, replyWith, route } from '../route.ts';
import { keyOnWire, keyRequestShape, keyShape, newKeyShape, rotationShape } from '../shapes/key.ts';
import { idShape } from '../shapes/values.ts';

/** What the routes of keys need. `made`: told when there is a new key. */
export interface KeyRouteParts extends Pick<ServerParts, 'desk' | 'store' | 'keys'> {
  made(): void;
}

const topic = 'Keys';
const scope = 'admin';
const paramsShape = z.object({ id: idShape('Id of a key, not the key itself.') });

/** Routes for the API keys of the own tenant. */
export function keyRoutes(parts: KeyRouteParts): readonly Route[] {
  return [makeRoute(parts), listRoute(parts), rotateRoute(parts), revokeRoute(parts)];
}

function makeRoute({ desk, keys, made }: KeyRouteParts): Route {
  return route({
    method: 'post',
    path: '/v1/keys',
    topic,
    summary: 'Create an API key',
    description:
      'Once the first key is made, this server asks everybody for one: it must be of scope `admin`.',
    scope,
    body: keyRequestShape,
    answers: { 201: { description: 'The key, shown only now', shape: newKeyShape } },
    async handle({ caller, body }) {
      const { label, scopes, expiresAt } = body;
      const expiresAtMs = expiresAt === undefined ? null : Date.parse(expiresAt);
      const making = await keys.make({ tenant: caller.tenant, label, scopes, expiresAtMs });
      if (!making.ok) return refuse(making.failure);
      const { key, record } = making.value;
      made();
      await desk.note(caller, { action: 'key.create', target: record.id, detail: { label, scopes } });
      return json({ ...keyOnWire(record), key }, 201);
    },
  });
}

function listRoute({ store }: KeyRouteParts): Route {
  return route({
    method: 'get',
    path: '/v1/keys',
    topic,
    summary: 'List API keys',
    scope,
    answers: {
      200: {
        description: 'All keys, newest first',
        shape: z.object({ items: z.array(keyShape) }).openapi('KeyList'),
      },
    },
    async handle({ caller }) {
      return json({ items: (await store.keys.list(caller.tenant)).map(keyOnWire) });
    },
  });
}

function rotateRoute(parts: KeyRouteParts): Route {
  return route({
    method: 'post',
    path: '/v1/keys/{id}/rotate',
    topic,
    summary: 'Rotate an API key',
    description: 'The new key has the same rights. The old one works on for `graceMs`.',
    scope,
    params: paramsShape,
    body: rotationShape,
    isBodyOptional: true,
    answers: { 201: { description: 'The new key, shown only now', shape: newKeyShape } },
    problems: ['wrong-state'],
    async handle({ caller, params, body }) {
      if ((await find(parts, caller, params.id)) === undefined) return refuse(missing);
      const rotated = await parts.keys.rotate(params.id, body);
      if (!rotated.ok) return refuse(rotated.failure);
      const { key, record } = rotated.value;
      await parts.desk.note(caller, { action: 'key.rotate', target: params.id, detail: { to: record.id } });
      return json({ ...keyOnWire(record), key }, 201);
    },
  });
}

function revokeRoute(parts: KeyRouteParts): Route {
  return route({
    method: 'post',
    path: '/v1/keys/{id}/revoke',
    topic,
    summary: 'Revoke an API key',
    description: 'It stops working within 5 s, for good.',
    scope,
    params: paramsShape,
    answers: { 200: { description: 'The key', shape: keyShape } },
    async handle({ caller, params }) {
      if ((await find(parts, caller, params.id)) === undefined) return refuse(missing);
      const revoked = await parts.keys.revoke(params.id);
      if (revoked.ok) {
        await parts.desk.note(caller, { action: 'key.revoke', target: params.id, detail: {} });
      }
      return replyWith(revoked, (key) => json(keyOnWire(key)));
    },
  });
}

/** Keys are changed by their id alone, so whose it is must be known before. */
async function find({ store }: KeyRouteParts, { tenant }: Caller, id: string): Promise<ApiKey | undefined> {
  return (await store.keys.list(tenant)).find((key) => key.id === id);
}

const missing = failure('not-found', 'There is no such key. See GET /v1/keys.');
