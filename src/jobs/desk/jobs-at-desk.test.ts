import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claimAll, workAll } from '../../../test/setup/hand-worker.ts';
import { acceptedJob, ann, given, type JobHouse, openJobHouse } from '../../../test/setup/job-house.ts';
import { pairModel, pairTeam } from '../../../test/setup/job-team.ts';
import type { Json, Result } from '../../core/index.ts';
import { cancelChannel } from '../live.ts';

let house: JobHouse;
beforeEach(async () => {
  house = await openJobHouse({ teams: [pairTeam({ asks: true })], model: pairModel({ asks: true }) });
});
afterEach(() => house.close());

const request = { team: 'pair', text: 'Write it.' };

function codeOf(result: Result<unknown>): string {
  return result.ok ? 'ok' : result.failure.code;
}

/** Lists in lists. */
function nested(levels: number): Json {
  let value: Json = [];
  for (let level = 1; level < levels; level++) value = [value];
  return value;
}

describe('a job at the desk', () => {
  it('is parked on a question, goes on with the answer, and gives its output, files and steps', async () => {
    const { desk } = house;
    const { id } = await acceptedJob(desk, request);
    expect(codeOf(await desk.output(ann, id))).toBe('wrong-state');
    const [parked] = await workAll(house);
    expect(parked).toMatchObject({ state: 'parked', waits: [{ signal: 'approval' }] });
    const queued = given(await desk.signal(ann, id, { name: 'approval', value: { yes: true } }));
    expect(queued.state).toBe('queued');
    expect(given(await desk.status(ann, id)).job.state).toBe('queued');
    await workAll(house);
    const { job, output } = given(await desk.output(ann, id));
    expect(job.state).toBe('succeeded');
    expect(output.result).toEqual({ final: 'Edited: First text' });
    const file = given(await desk.file(ann, id, 'final.md'));
    expect(new TextDecoder().decode(file.bytes)).toBe('Edited: First text');
    const steps = given(await desk.steps(ann, id, { after: 0, limit: 1_000 }));
    expect(steps.some(({ record }) => record.kind === 'wait')).toBe(true);
  });

  it('says which file is not there, and refuses a path that is none', async () => {
    const { id } = await acceptedJob(house.desk, request);
    expect(codeOf(await house.desk.file(ann, id, 'no-such.md'))).toBe('file-not-found');
    expect(codeOf(await house.desk.file(ann, id, '../etc/passwd'))).toBe('path-refused');
  });

  it('ends at once when it is cancelled in line, with an output that says what it used', async () => {
    const { desk } = house;
    const { id } = await acceptedJob(desk, request);
    expect(given(await desk.cancel(ann, id))).toMatchObject({ state: 'cancelled' });
    expect(given(await desk.status(ann, id)).job.state).toBe('cancelled');
    const { output } = given(await desk.output(ann, id));
    expect(output).toMatchObject({ result: {}, elapsedMs: 0, usage: { total: { calls: 0 } } });
    expect(codeOf(await desk.cancel(ann, id))).toBe('wrong-state');
  });

  it('that ends while it is parked has the result of what was done until then', async () => {
    const { desk } = house;
    const { id } = await acceptedJob(desk, request);
    await workAll(house);
    await desk.cancel(ann, id);
    const { output } = given(await desk.output(ann, id));
    expect(output).toMatchObject({ result: { final: null }, usage: { total: { calls: 1 } } });
  });

  it('asks its worker when it is cancelled while it runs', async () => {
    const { desk, hot } = house;
    const heard: string[] = [];
    hot.subscribe(cancelChannel, (id) => void heard.push(id));
    const { id } = await acceptedJob(desk, request);
    await claimAll(house);
    expect(given(await desk.cancel(ann, id))).toMatchObject({ state: 'running', cancelAsked: true });
    expect(heard).toEqual([id]);
  });

  it('is queued again when it is retried, and not when it has succeeded', async () => {
    const { desk } = house;
    const { id } = await acceptedJob(desk, request);
    await desk.cancel(ann, id);
    expect(given(await desk.retry(ann, id))).toMatchObject({ state: 'queued' });
    expect(given(await desk.status(ann, id)).job.state).toBe('queued');
    expect(codeOf(await desk.retry(ann, id))).toBe('wrong-state');
  });

  it.each([
    [{ name: '', value: 1 }, 'name'],
    [{ name: 'x'.repeat(129), value: 1 }, '128'],
    [{ name: 'approval', value: 'x'.repeat(256 * 1024) }, '262144'],
    [{ name: 'approval', value: 1, id: 'a\0b' }, 'id must have'],
    [{ name: 'approval', value: nested(100_000) }, 'deeper than 100 levels'],
    [{ name: 'approval', value: 1n as unknown as Json }, 'must be JSON data'],
  ])('refuses a signal that is too much or nothing (%#)', async (signal, why) => {
    const { id } = await acceptedJob(house.desk, request);
    const refused = await house.desk.signal(ann, id, signal);
    expect(codeOf(refused)).toBe('wrong-input');
    expect(refused.ok ? '' : refused.failure.message).toContain(why);
  });

  it('has its changes in the audit log, with who made them and no content', async () => {
    const { desk } = house;
    const { id } = await acceptedJob(desk, request);
    await workAll(house);
    await desk.signal({ ...ann, by: 'other-key' }, id, { name: 'approval', value: 'a secret word' });
    await desk.cancel(ann, id);
    await desk.retry(ann, id);
    await desk.note(ann, { action: 'key.create', target: 'key-2', detail: {} });
    const { items } = await desk.audit(ann, { limit: 1_000 });
    expect(items.map(({ action, by }) => `${action} ${by}`)).toEqual([
      'key.create key-ann',
      'job.retry key-ann',
      'job.cancel key-ann',
      'job.signal other-key',
      'job.accept key-ann',
    ]);
    expect(JSON.stringify(items)).not.toContain('secret');
  });

  it('is told from the hot store where it has a copy, and from the truth where it has none', async () => {
    const { desk, hot, store } = house;
    const { id } = await acceptedJob(desk, request);
    await workAll(house);
    await hot.remove(`status:${id}`);
    const status = given(await desk.status(ann, id));
    const stored = await store.runs.events(id, 0, 1_000);
    expect(status).toMatchObject({
      job: { state: 'parked' },
      progress: { eventSeq: stored.length, calls: 1 },
    });
    expect(status.progress.agents[0]).toEqual({ name: 'writer', state: 'working' });
    expect(await hot.get(`status:${id}`)).not.toBeNull();
  });
});
