import { describe, expect, it } from 'vitest';
import { workAll } from '../../test/setup/hand-worker.ts';
import { pairModel, pairTeam } from '../../test/setup/job-team.ts';
import { openServerHouse, readBody, type ServerHouse } from '../../test/setup/server-house.ts';
import type {
  EstimateOnWire,
  FileOnWire,
  JobOnWire,
  ProblemOnWire,
  ReplayOnWire,
  ResultOnWire,
  StepOnWire,
  TeamOnWire,
} from './index.ts';

interface List<T> {
  readonly items: readonly T[];
  readonly next: string | number | null;
}

const request = { team: 'pair', text: 'Write about oxen.' };

async function bring(house: ServerHouse, more: object = {}): Promise<JobOnWire> {
  return await readBody(await house.ask('POST', '/v1/jobs', { body: { ...request, ...more } }));
}

async function see(house: ServerHouse, path: string): Promise<JobOnWire> {
  return await readBody(await house.ask('GET', path));
}

describe('a job over HTTP', () => {
  it('is accepted, polled and fetched', async () => {
    const house = await openServerHouse();
    const accepted = await house.ask('POST', '/v1/jobs', { body: request });
    expect(accepted.status).toBe(202);
    const job = await readBody<JobOnWire>(accepted);
    expect(accepted.headers.get('location')).toBe(job.links.self);
    expect(job).toMatchObject({ team: 'pair', state: 'queued', by: 'local', failure: null });
    expect(new Date(job.createdAt).toISOString()).toBe(job.createdAt);

    await workAll(house);
    house.clock.advance(60_000);
    const status = await see(house, job.links.self);
    expect(status).toMatchObject({ state: 'succeeded', attempts: 1 });
    expect(status.progress?.agents.map(({ name }) => name)).toContain('writer');
    const result = await readBody<ResultOnWire>(await house.ask('GET', job.links.result));
    expect(result).toMatchObject({ id: job.id, state: 'succeeded', result: { final: 'Edited: First text' } });
  });

  it('shows its files as text that no browser runs, and saves who has them already the bytes', async () => {
    const house = await openServerHouse();
    const job = await bring(house);
    await workAll(house);
    const files = await readBody<List<FileOnWire>>(await house.ask('GET', job.links.files));
    const link = files.items.find(({ path }) => path === 'text.md')?.link ?? '';
    const file = await house.ask('GET', link);
    expect(await file.text()).toBe('First text');
    expect(file.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(file.headers.get('x-content-type-options')).toBe('nosniff');
    expect(file.headers.get('content-security-policy')).toContain('sandbox');
    const etag = file.headers.get('etag') ?? '';
    const again = await house.ask('GET', link, { headers: { 'if-none-match': `"other", W/${etag}` } });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  it('takes the same request with the same idempotency key once, and another one not at all', async () => {
    const house = await openServerHouse();
    const headers = { 'idempotency-key': 'order-1' };
    const first = await house.ask('POST', '/v1/jobs', { body: request, headers });
    const second = await house.ask('POST', '/v1/jobs', { body: request, headers });
    const third = await house.ask('POST', '/v1/jobs', { body: { ...request, text: 'Else.' }, headers });
    expect([first.status, second.status, third.status]).toEqual([202, 200, 409]);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    const [{ id }, { id: again }] = [await readBody<JobOnWire>(first), await readBody<JobOnWire>(second)];
    expect(again).toBe(id);
    expect(await readBody<ProblemOnWire>(third)).toMatchObject({ code: 'key-conflict', status: 409 });
  });

  it('takes files as a form, by the names of their fields', async () => {
    const house = await openServerHouse();
    const form = new FormData();
    form.set('request', new Blob([JSON.stringify({ ...request, files: { 'a.md': 'A' } })]));
    form.set('b.md', new Blob(['Bytes of b']), 'whatever.bin');
    form.set('c.md', 'text of c');
    const job = await readBody<JobOnWire>(await house.ask('POST', '/v1/jobs', { raw: form }));
    const files = await readBody<List<FileOnWire>>(await house.ask('GET', job.links.files));
    expect(files.items.map(({ path }) => path)).toEqual(['a.md', 'b.md', 'brief.md', 'c.md']);
    const b = files.items.find(({ path }) => path === 'b.md');
    expect(await (await house.ask('GET', b?.link ?? '')).text()).toBe('Bytes of b');
  });

  it('is found again by state, team, labels and page', async () => {
    const house = await openServerHouse();
    const jobs: JobOnWire[] = [];
    for (const customer of ['acme', 'acme', 'else']) {
      house.clock.advance(1_000);
      jobs.push(await bring(house, { labels: { customer, kind: 'a:b' } }));
    }
    const list = async (query: string): Promise<List<JobOnWire>> =>
      await readBody(await house.ask('GET', `/v1/jobs?${query}`));
    const acme = await list('label=customer:acme&label=kind:a:b&state=queued&state=running&team=pair');
    expect(acme.items.map(({ id }) => id)).toEqual([jobs[1]?.id, jobs[0]?.id]);
    const first = await list('limit=2');
    const second = await list(`limit=2&cursor=${encodeURIComponent(String(first.next))}`);
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(jobs.map(({ id }) => id).reverse());
    expect(second.next).toBeNull();
    const after = encodeURIComponent(jobs[1]?.createdAt ?? '');
    expect((await list(`createdAfter=${after}`)).items.map(({ id }) => id)).toContain(jobs[2]?.id);
    expect((await house.ask('GET', '/v1/jobs?label=customer')).status).toBe(400);
    expect((await house.ask('GET', '/v1/jobs?cursor=made-up')).status).toBe(400);
  });

  it('waits for a person, and goes on with the answer', async () => {
    const house = await openServerHouse({
      teams: [pairTeam({ asks: true })],
      model: pairModel({ asks: true }),
    });
    const job = await bring(house);
    await workAll(house);
    const parked = await see(house, job.links.self);
    expect(parked).toMatchObject({ state: 'parked', waits: [{ signal: 'approval', until: null }] });
    expect(parked.waits[0]?.question).toBe('May it go out?');
    const path = `${job.links.self}/signals/approval`;
    const sent = await house.ask('POST', path, { body: { value: { yes: true }, id: 'answer-1' } });
    expect(await readBody<JobOnWire>(sent)).toMatchObject({ state: 'queued' });
    await workAll(house);
    expect((await house.ask('POST', path)).status).toBe(409);
  });

  it('is cancelled, retried, forked and replayed', async () => {
    const house = await openServerHouse();
    const job = await bring(house);
    const { self } = job.links;
    const cancelled = await house.ask('POST', `${self}/cancel`);
    expect(await readBody<JobOnWire>(cancelled)).toMatchObject({ state: 'cancelled' });
    expect((await house.ask('POST', `${self}/cancel`)).status).toBe(409);
    const retried = await house.ask('POST', `${self}/retry`);
    expect(await readBody<JobOnWire>(retried)).toMatchObject({ state: 'queued' });
    await workAll(house);
    const steps = await readBody<List<StepOnWire>>(await house.ask('GET', `${self}/steps?limit=200`));
    expect(steps.next).toBeNull();
    const model = steps.items.find(({ kind, key }) => kind === 'model' && key.includes('editor'));
    const forked = await house.ask('POST', `${self}/fork`, {
      body: { step: model?.key, prompts: { editor: 'Edit otherwise.' } },
    });
    expect(forked.status).toBe(202);
    expect(await readBody<JobOnWire>(forked)).toMatchObject({
      forkedFrom: { job: job.id, step: model?.key },
    });
    const replay = await readBody<ReplayOnWire>(await house.ask('POST', `${self}/replay`));
    expect(replay).toMatchObject({ job: job.id, differences: [] });
  });

  it('shows its journal page by page', async () => {
    const house = await openServerHouse();
    const job = await bring(house);
    await workAll(house);
    const seen: StepOnWire[] = [];
    let after: number | string | null = 0;
    while (after !== null) {
      const page: List<StepOnWire> = await readBody(
        await house.ask('GET', `${job.links.self}/steps?limit=3&after=${after}`),
      );
      seen.push(...page.items);
      after = page.next;
    }
    const all = await readBody<List<StepOnWire>>(await house.ask('GET', `${job.links.self}/steps`));
    expect(seen).toEqual(all.items);
    expect(seen.flatMap(({ files }) => files.map(({ path }) => path))).toContain('final.md');
  });

  it('can be asked what it would cost, and nothing is kept', async () => {
    const house = await openServerHouse();
    const answer = await house.ask('POST', '/v1/estimates', { body: request });
    const estimate = await readBody<EstimateOnWire>(answer);
    expect(estimate.agents.map(({ name }) => name)).toEqual(['writer', 'editor']);
    expect(estimate.total.cost.microUsd).toBeGreaterThan(0);
    expect((await readBody<List<JobOnWire>>(await house.ask('GET', '/v1/jobs'))).items).toEqual([]);
  });

  it('has a team that says what it takes, and never what its agents are told', async () => {
    const house = await openServerHouse({ teams: [pairTeam({ writerPrompt: 'Prompt of the house.' })] });
    const list = await readBody<List<TeamOnWire>>(await house.ask('GET', '/v1/teams'));
    const team = await readBody<TeamOnWire>(await house.ask('GET', '/v1/teams/pair'));
    expect(list.items).toEqual([team]);
    expect(team.agents.map(({ name, writes }) => [name, writes])).toEqual([
      ['writer', 'text.md'],
      ['editor', 'final.md'],
    ]);
    expect(JSON.stringify(team)).not.toContain('Prompt of the house');
    expect((await house.ask('GET', '/v1/teams/other')).status).toBe(404);
  });
});
