import { describe, expect, it } from 'vitest';
import { workAll } from '../../test/setup/hand-worker.ts';
import { pairModel, pairTeam } from '../../test/setup/job-team.ts';
import { openServerHouse, readBody, type ServerHouse } from '../../test/setup/server-house.ts';
import type { Route } from './index.ts';

/** What must never be seen by anybody but its owner, or by nobody at all. */
const canaries = ['canary-brief', 'canary-label', 'canary-file', 'canary-value', 'canary-hook', 'canary-key'];

interface Owned {
  readonly key: string;
  /** Name of a path's parameter → an id of the owner. */
  readonly ids: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Gives a tenant one of everything. */
async function furnish(house: ServerHouse, tenant: string): Promise<Owned> {
  const key = await house.key(tenant);
  const make = async (path: string, body: unknown): Promise<{ readonly id: string }> =>
    await readBody(await house.ask('POST', path, { key, body }));
  const request = {
    team: 'pair',
    text: 'canary-brief',
    labels: { 'canary-label': 'x' },
    files: { 'canary-file.md': 'canary-file' },
  };
  const job = await make('/v1/jobs', request);
  await workAll(house);
  const schedule = await make('/v1/schedules', { name: 'canary-value', cron: '0 0 1 1 *', request });
  const webhook = await make('/v1/webhooks', { url: 'https://canary-hook.example.org/' });
  const delivery = await make(`/v1/webhooks/${webhook.id}/test`, undefined);
  const made = await make('/v1/keys', { label: 'canary-key', scopes: ['jobs:read'] });
  const ids = {
    jobs: { id: job.id, path: 'text.md', name: 'approval' },
    schedules: { id: schedule.id },
    webhooks: { id: webhook.id, delivery: delivery.id },
    keys: { id: made.id },
    teams: { name: 'pair' },
  };
  return { key, ids };
}

/** A body that each route would take, so that nothing but the id can be wrong. */
const bodies: Readonly<Record<string, unknown>> = {
  '/v1/jobs': { team: 'pair', text: 'mine' },
  '/v1/estimates': { team: 'pair', text: 'mine' },
  '/v1/jobs/{id}/fork': { step: 'job' },
  '/v1/jobs/{id}/signals/{name}': { value: 1 },
  '/v1/schedules': { name: 'mine', cron: '0 0 1 1 *', request: { team: 'pair' } },
  '/v1/webhooks': { url: 'https://example.org/' },
  '/v1/webhooks/{id}': { isPaused: true },
  '/v1/keys': { label: 'mine', scopes: ['jobs:read'] },
  '/v1/keys/{id}/rotate': {},
};

function pathFor({ path }: Route, ids: Owned['ids'], id?: string): string {
  const room = path.split('/')[2] ?? '';
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    if (id !== undefined && (name === 'id' || name === 'delivery')) return id;
    return ids[room]?.[name] ?? `no-${name}`;
  });
}

async function askRoute(
  house: ServerHouse,
  { method, path, body }: Route,
  { to, key }: { to: string; key: string },
) {
  const isWriting = body !== undefined;
  const response = await house.ask(method.toUpperCase(), to, {
    key,
    ...(isWriting ? { body: bodies[path] } : {}),
  });
  return { status: response.status, text: await response.text() };
}

/** What an answer says besides what was asked for and by which request. */
function essence({ status, text }: { status: number; text: string }, ids: readonly string[]): string {
  const unnamed = ids.reduce((rest, id) => rest.replaceAll(id, 'ID'), text);
  return `${status} ${unnamed.replace(/"instance":"[^"]*"/, '')}`;
}

async function openTown(): Promise<{ house: ServerHouse; ann: Owned; ben: Owned }> {
  const house = await openServerHouse({
    teams: [pairTeam({ asks: true })],
    model: pairModel({ asks: true }),
    limits: { requestsBurst: 1_000, acceptsBurst: 1_000 },
  });
  return { house, ann: await furnish(house, 'ann'), ben: await furnish(house, 'ben') };
}

describe('a tenant', () => {
  it('gets for ids of another one, at every route, exactly what it gets for ids that nobody has', async () => {
    const { house, ann, ben } = await openTown();
    const routes = house.app.routes.filter(({ path }) => /\{(?:id|delivery)\}/.test(path));
    expect(routes.length).toBeGreaterThan(20);
    for (const route of routes) {
      const [theirs, nobodys] = [pathFor(route, ann.ids), pathFor(route, ann.ids, 'no-such-id')];
      const seen = essence(await askRoute(house, route, { to: theirs, key: ben.key }), allIds(ann));
      const missing = essence(await askRoute(house, route, { to: nobodys, key: ben.key }), ['no-such-id']);
      expect(seen, `${route.method} ${route.path}`).toBe(missing);
      expect(seen).toMatch(/^404 /);
    }
  });

  it('never gets a delivery of another one through a webhook of its own', async () => {
    const { house, ann, ben } = await openTown();
    const to = `/v1/webhooks/${ben.ids['webhooks']?.['id']}/deliveries/${ann.ids['webhooks']?.['delivery']}/redeliver`;
    expect((await house.ask('POST', to, { key: ben.key })).status).toBe(404);
  });

  it('never sees anything of another one at any route', async () => {
    const { house, ann } = await openTown();
    const eve = await house.key('eve');
    // What asks for no key describes the API itself, and the process.
    for (const route of house.app.routes.filter(({ scope }) => scope !== null)) {
      const { text } = await askRoute(house, route, { to: pathFor(route, ann.ids), key: eve });
      for (const canary of canaries) expect(text, `${route.method} ${route.path}`).not.toContain(canary);
      const unasked = allIds(ann).filter((id) => !pathFor(route, ann.ids).includes(id));
      for (const id of unasked) expect(text).not.toContain(id);
    }
  });

  it('never sees a secret again: no key, no hash, no webhook secret, no prompt, no brief in any answer or log', async () => {
    const { house, ann } = await openTown();
    const secrets = [ann.key, 'Write.', 'Edit.'];
    for (const { hash } of await house.store.keys.list('ann')) secrets.push(hash);
    for (const { secret } of await house.store.webhooks.list('ann')) secrets.push(secret);
    const reading = house.app.routes.filter(({ method }) => method === 'get');
    for (const route of reading) {
      const stop = new AbortController();
      const to = pathFor(route, ann.ids);
      if (to.endsWith('/events')) continue;
      const text = await (await house.ask('GET', to, { key: ann.key, signal: stop.signal })).text();
      for (const secret of secrets) expect(text, route.path).not.toContain(secret);
      // A schedule shows what it asks for each time: whoever made it must be able to read it.
      const hidden = route.path.startsWith('/v1/schedules') ? [] : ['canary-brief'];
      for (const secret of hidden) expect(text, route.path).not.toContain(secret);
    }
    const told = JSON.stringify(house.log) + house.reports.join('\n');
    for (const secret of [...secrets, ...canaries]) expect(told).not.toContain(secret);
  });
});

function allIds({ ids }: Owned): readonly string[] {
  return ['jobs', 'schedules', 'webhooks', 'keys']
    .flatMap((room) => [ids[room]?.['id'] ?? [], ids[room]?.['delivery'] ?? []])
    .flat();
}
