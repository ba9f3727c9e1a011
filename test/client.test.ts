import { describe, expect, it, onTestFinished } from 'vitest';
import { type Client, createClient, InspanProblem } from '../src/client/index.ts';
import { systemClock } from '../src/clock.ts';
import { defaultLimits, serve } from '../src/server/index.ts';

import { workAll } from './setup/hand-worker.ts';
import { given } from './setup/job-house.ts';
import { pairModel, pairTeam } from './setup/job-team.ts';
import { openServerHouse, type ServerHouse, type ServerHouseOptions } from './setup/server-house.ts';

interface Opened {
  readonly house: ServerHouse;
  readonly client: Client;
  readonly clientOf: (key: string) => Client;
}

/** A client of a real server, on a port of its own. */
async function open(options: ServerHouseOptions = {}): Promise<Opened> {
  const house = await openServerHouse(options);
  const { newId } = house.parts;
  const listen = { host: '127.0.0.1', port: 0, limits: defaultLimits, clock: systemClock, newId };
  const server = given(await serve(house.app, listen));
  onTestFinished(() => server.close());
  const clientOf = (key: string): Client => createClient({ url: server.url, key, patienceMs: 0 });
  return { house, clientOf, client: clientOf(await house.key('ann')) };
}

async function refusal(call: Promise<unknown>): Promise<InspanProblem> {
  const error = await call.catch((thrown: unknown) => thrown);
  if (error instanceof InspanProblem) return error;
  throw new Error(`Expected a problem, not ${String(error)}`);
}

describe('the client and the server', () => {
  it('agree on a job from its request to its files', async () => {
    const { house, client } = await open();
    const options = { idempotencyKey: 'one', files: { 'notes.md': '# Notes\n' } };
    const job = await client.jobs.create({ team: 'pair', text: 'Go.', labels: { run: '7' } }, options);
    expect(job).toMatchObject({ team: 'pair', state: 'queued', labels: { run: '7' } });
    const again = await client.jobs.create({ team: 'pair', text: 'Go.', labels: { run: '7' } }, options);
    expect(again.id).toBe(job.id);
    await workAll(house);
    expect(await client.wait(job.id)).toMatchObject({ id: job.id, state: 'succeeded' });
    expect((await client.jobs.result(job.id)).result).toEqual({ final: 'Edited: First text' });
    const files = await client.jobs.files(job.id);
    expect(files.map(({ path }) => path)).toEqual(['brief.md', 'final.md', 'notes.md', 'text.md']);
    expect(new TextDecoder().decode(await client.jobs.file(job.id, 'text.md'))).toBe('First text');
    const steps = await client.jobs.steps(job.id, { limit: 2 });
    expect(steps.items).toHaveLength(2);
    expect((await client.jobs.steps(job.id, { after: steps.next ?? 0 })).items.length).toBeGreaterThan(2);
    expect(await client.jobs.replay(job.id)).toMatchObject({ job: job.id, differences: [] });
  });

  it('agree on the events of a job, to its end', async () => {
    const { house, client } = await open();
    const { id } = await client.jobs.create({ team: 'pair', text: 'Go.' });
    await workAll(house);
    const events = await Array.fromAsync(client.jobs.events(id));
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, place) => place + 1));
    expect(events[0]).toMatchObject({ type: 'job-moved', state: 'queued' });
    expect(events.at(-1)).toMatchObject({ type: 'job-moved', state: 'succeeded' });
    expect(await Array.fromAsync(client.jobs.events(id, { after: events.length - 1 }))).toEqual([
      events.at(-1),
    ]);
  });

  it('agree on lists, page by page', async () => {
    const { client } = await open();
    for (const run of ['1', '2', '3']) await client.jobs.create({ team: 'pair', labels: { run } });
    const first = await client.jobs.list({ limit: 2, states: ['queued', 'running'] });
    expect(first.items).toHaveLength(2);
    const rest = await client.jobs.list({ limit: 2, ...(first.next && { cursor: first.next }) });
    expect(rest.items).toHaveLength(1);
    expect(rest.next).toBeNull();
    expect((await client.jobs.list({ labels: { run: '2' } })).items).toHaveLength(1);
  });

  it('agree on waiting, answering, cancelling, retrying and forking', async () => {
    const { house, client } = await open({
      teams: [pairTeam({ asks: true })],
      model: pairModel({ asks: true }),
    });
    const { id } = await client.jobs.create({ team: 'pair', text: 'Go.' });
    await workAll(house);
    expect((await client.jobs.get(id)).waits).toMatchObject([
      { signal: 'approval', question: 'May it go out?' },
    ]);
    expect((await client.jobs.signal(id, { name: 'approval', value: { yes: true } })).state).toBe('queued');
    expect((await client.jobs.cancel(id)).state).toBe('cancelled');
    expect(await refusal(client.jobs.cancel(id))).toMatchObject({ code: 'wrong-state', status: 409 });
    expect((await client.jobs.retry(id)).state).toBe('queued');
    await workAll(house);
    expect(await client.wait(id)).toMatchObject({ state: 'succeeded' });
    const { items } = await client.jobs.steps(id);
    const step = items.find(({ key }) => key.startsWith('editor'))?.key ?? '';
    const forked = await client.jobs.fork(id, { step, prompts: { editor: 'Edit less.' } });
    expect(forked).toMatchObject({ state: 'queued', forkedFrom: { job: id, step } });
  });

  it('agree on everything beside jobs', async () => {
    const { client } = await open();
    expect(await client.teams.list()).toEqual([await client.teams.get('pair')]);
    expect((await client.estimate({ team: 'pair', text: 'Go.' })).agents.length).toBe(2);
    const wanted = { name: 'daily', cron: '0 9 * * *', request: { team: 'pair', text: 'Go.' } };
    const { id } = await client.schedules.create(wanted);
    expect((await client.schedules.pause(id)).isPaused).toBe(true);
    expect((await client.schedules.resume(id)).isPaused).toBe(false);
    expect(await client.schedules.list()).toEqual([await client.schedules.get(id)]);
    await client.schedules.remove(id);
    const hook = await client.webhooks.create({ url: 'https://example.org/hook', events: ['job.failed'] });
    expect(hook.secret).toMatch(/^whsec_/);
    expect((await client.webhooks.change(hook.id, { isPaused: true })).isPaused).toBe(true);
    const test = await client.webhooks.test(hook.id);
    expect((await client.webhooks.deliveries(hook.id)).items).toEqual([test]);
    expect(await client.webhooks.redeliver(hook.id, test.id)).toMatchObject({ id: test.id });
    await client.webhooks.remove(hook.id);
    const key = await client.keys.create({ label: 'site', scopes: ['jobs:read'] });
    const next = await client.keys.rotate(key.id, { graceMs: 1_000 });
    expect((await client.keys.revoke(next.id)).revokedAt).not.toBeNull();
    expect((await client.keys.list()).length).toBe(3);
    const { items } = await client.audit({ limit: 200 });
    expect(items.map(({ action }) => action)).toContain('key.rotate');
  });

  it('agree on what is refused', async () => {
    const { house, client, clientOf } = await open();
    const { id } = await client.jobs.create({ team: 'pair', text: 'Go.' });
    const stranger = clientOf(await house.key('bob'));
    expect(await refusal(stranger.jobs.get(id))).toMatchObject({ status: 404, code: 'not-found' });
    expect(await refusal(client.jobs.result(id))).toMatchObject({ status: 409, code: 'wrong-state' });
    expect(await refusal(clientOf('ik_wrong').jobs.list())).toMatchObject({ status: 401, code: 'no-key' });
    const wrong = await refusal(
      client.jobs.create({ team: 'pair', files: { 'brief.md': 'x', '../y': 'z' } }),
    );
    expect(wrong.errors).toHaveLength(2);
    expect(wrong.requestId).toMatch(/^req_/);
  });
});
