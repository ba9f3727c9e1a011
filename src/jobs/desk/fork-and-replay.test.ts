import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claimAll, workAll } from '../../../test/setup/hand-worker.ts';
import { acceptedJob, ann, given, type JobHouse, openJobHouse } from '../../../test/setup/job-house.ts';
import { pairModel, pairTeam } from '../../../test/setup/job-team.ts';
import type { JobRecord } from '../../core/index.ts';

const team = pairTeam();
const request = { team: 'pair', text: 'Write it.', files: { 'notes.md': 'Notes.\n' } };

let house: JobHouse;
beforeEach(async () => {
  house = await openJobHouse({ teams: [team], model: pairModel() });
});
afterEach(() => house.close());

async function done(): Promise<JobRecord> {
  const { id } = await acceptedJob(house.desk, request);
  await workAll(house);
  return given(await house.desk.status(ann, id)).job;
}

/** The key of the editor's first model call. */
async function editorStep(id: string): Promise<string> {
  const steps = given(await house.desk.steps(ann, id, { after: 0, limit: 500 }));
  const found = steps.find(({ record }) => record.kind === 'model' && record.key.includes('editor'));
  if (found === undefined) throw new Error('The editor was not asked');
  return found.record.key;
}

describe('a fork', () => {
  it('takes over what was done before a step and does the rest anew, with another prompt', async () => {
    const before = await done();
    const model = pairModel({ text: 'Never written' });
    const later = house.reopen({ teams: [team], model });
    const forked = given(
      await later.desk.fork(ann, before.id, {
        step: await editorStep(before.id),
        patch: { prompts: { editor: 'Edit with care.' } },
        labels: { trial: '2' },
      }),
    );
    expect(forked).toMatchObject({ state: 'queued', forkedFrom: { job: before.id }, labels: { trial: '2' } });
    expect(forked.digest).not.toBe(before.digest);
    const [ended] = await workAll(later);
    expect(ended).toMatchObject({ id: forked.id, state: 'succeeded' });
    expect(model.requests.every(({ lane }) => lane.includes('editor'))).toBe(true);
    expect(JSON.stringify(model.requests[0]?.system)).toContain('Edit with care.');
    const text = given(await later.desk.file(ann, forked.id, 'text.md'));
    expect(new TextDecoder().decode(text.bytes)).toBe('First text');
  });

  it('keeps its definition, so that a process which never saw the patch can finish and replay it', async () => {
    const before = await done();
    const step = await editorStep(before.id);
    const patch = { prompts: { editor: 'Edit with care.' } };
    const { id } = given(await house.desk.fork(ann, before.id, { step, patch }));
    const other = house.reopen({
      teams: [pairTeam({ writerPrompt: 'Another prompt.' })],
      model: pairModel(),
    });
    await workAll(other);
    expect(given(await other.desk.status(ann, id)).job.state).toBe('succeeded');
    expect(given(await other.desk.replay(ann, id)).differences).toEqual([]);
  });

  it('brings another brief and keeps the files that it does not bring', async () => {
    const before = await done();
    const [first] = given(await house.desk.steps(ann, before.id, { after: 0, limit: 1 }));
    const step = first?.record.key ?? '';
    const forked = await house.desk.fork(ann, before.id, { step, brief: { text: 'Write else.' } });
    const { id } = given(forked);
    const brief = new TextDecoder().decode(given(await house.desk.file(ann, id, 'brief.md')).bytes);
    expect(brief).toContain('Write else.');
    expect(given(await house.desk.file(ann, id, 'notes.md')).bytesSize).toBe(7);
  });

  it('goes on with the model that answered for all agents, unless it says another', async () => {
    const { id } = await acceptedJob(house.desk, { ...request, model: 'test/one' });
    await workAll(house);
    const step = await editorStep(id);
    expect(given(await house.desk.fork(ann, id, { step })).patch).toMatchObject({ model: 'test/one' });
    const other = await house.desk.fork(ann, id, { step, patch: { model: 'test/two' } });
    expect(given(other).patch).toMatchObject({ model: 'test/two' });
  });

  it.each([
    [{ step: 'no/such/step' }, 'wrong-input', 'no/such/step'],
    [{ step: '' }, 'wrong-input', 'step'],
    [{ step: 'job', patch: { prompts: { nobody: 'x' } } }, 'wrong-input', 'nobody'],
    [{ step: 'job', brief: { params: { no: () => 1 } } }, 'wrong-input', 'no'],
  ])('is refused where it says what cannot be (%#)', async (fork, code, why) => {
    const { id } = await done();
    const refused = await house.desk.fork(ann, id, fork);
    expect(refused).toMatchObject({ ok: false, failure: { code } });
    expect(refused.ok ? '' : refused.failure.message).toContain(why);
  });
});

describe('a replay', () => {
  it('of a finished job comes out the same, asks nobody and keeps nothing', async () => {
    const { id } = await done();
    const steps = given(await house.desk.steps(ann, id, { after: 0, limit: 500 }));
    const other = house.reopen({ teams: [], model: pairModel() });
    const replay = await other.desk.replay(ann, id);
    expect(replay).toMatchObject({ ok: true, value: { job: id, digest: team.digest, differences: [] } });
    expect(given(replay).steps).toBeGreaterThan(4);
    expect(given(await other.desk.steps(ann, id, { after: 0, limit: 500 }))).toEqual(steps);
  });

  it('of a job that is still to be done is refused', async () => {
    const { id } = await acceptedJob(house.desk, request);
    expect(await house.desk.replay(ann, id)).toMatchObject({ ok: false, failure: { code: 'wrong-state' } });
  });

  it.each([1, 2, 3, 5, 8])(
    'of a job that was stopped after %i records ends where its journal does',
    async (dieAfter) => {
      const { id } = await acceptedJob(house.desk, request);
      await workAll(house, { dieAfter });
      await house.store.runs.retire('by-hand');
      await house.desk.cancel(ann, id);
      expect(given(await house.desk.replay(ann, id)).differences).toEqual([]);
    },
  );

  it('of a parked job ends where it waits, and once it was answered comes out the same', async () => {
    const asking = house.reopen({ teams: [pairTeam({ asks: true })], model: pairModel({ asks: true }) });
    const { id } = await acceptedJob(asking.desk, request);
    await workAll(asking);
    expect(given(await asking.desk.replay(ann, id)).differences).toEqual([]);
    await asking.desk.signal(ann, id, { name: 'approval', value: 'yes' });
    expect(await workAll(asking)).toMatchObject([{ state: 'succeeded' }]);
    expect(given(await asking.desk.replay(ann, id)).differences).toEqual([]);
  });

  it('of a job that failed by its own records fails the same way', async () => {
    const mute = house.reopen({ teams: [team], model: pairModel({ asks: true }) });
    const { id } = await acceptedJob(mute.desk, request);
    const [ended] = await workAll(mute);
    const replay = given(await mute.desk.replay(ann, id));
    expect(replay.differences).toEqual([]);
    expect(ended?.state === 'failed' || ended?.state === 'succeeded').toBe(true);
  });

  it('tells every difference in one line: another outcome, other files, other results, other steps', async () => {
    const { id } = await acceptedJob(house.desk, request);
    const [claim] = await claimAll(house);
    const lease = { job: id, epoch: claim?.epoch ?? 0 };
    const changes = [{ path: 'stray.md', version: 1, text: 'x' }];
    const stray = { type: 'done', key: 'nobody/asked', kind: 'check', inputHash: 'h', value: 1 } as const;
    await house.store.runs.append(lease, { ...stray, changes });
    const usage = { agents: {}, total: { calls: 0 } } as never;
    const output = { result: { final: 'A text' }, usage, cuts: [], elapsedMs: 0 };
    const ending = { type: 'ended', state: 'succeeded', failure: null, output, costMicroUsd: 0 } as const;
    await house.store.runs.settle(lease, ending);
    const { differences } = given(await house.desk.replay(ann, id));
    expect(differences).toEqual([
      'The job was succeeded; its replay ended where the journal stops.',
      'Step job is not recorded, but would be done.',
      'Step nobody/asked is recorded, but was not asked for again.',
      'File brief.md is missing.',
      'File notes.md is missing.',
      'File stray.md is missing.',
      'Result final is another one.',
    ]);
  });

  it('says which step was recorded with another input', async () => {
    const { id } = await acceptedJob(house.desk, request);
    const [claim] = await claimAll(house);
    const lease = { job: id, epoch: claim?.epoch ?? 0 };
    const begun = { type: 'done', key: 'job', kind: 'check', inputHash: 'another', value: {} } as const;
    await house.store.runs.append(lease, begun);
    await house.store.runs.retire('by-hand');
    await house.desk.cancel(ann, id);
    const { differences } = given(await house.desk.replay(ann, id));
    expect(differences).toHaveLength(1);
    expect(differences[0]).toMatch(/Step job was recorded with another input/);
  });
});
