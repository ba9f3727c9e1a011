import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { workAll } from '../../test/setup/hand-worker.ts';
import { acceptedJob, ann, given, type JobHouse, openJobHouse } from '../../test/setup/job-house.ts';
import { pairModel, pairTeam } from '../../test/setup/job-team.ts';
import { createTeamBook } from './team-book.ts';

const request = { team: 'pair', text: 'Write it.' };

let house: JobHouse;
beforeEach(async () => {
  house = await openJobHouse({ teams: [pairTeam()], model: pairModel() });
});
afterEach(() => house.close());

describe('the team of a job', () => {
  it('is the current one as long as that has not changed, without reading anything', async () => {
    const job = await acceptedJob(house.desk, request);
    const pinned = given(await house.teams.teamOf(job));
    expect(pinned.team).toBe(house.desk.teams()[0]);
    expect(pinned.notices).toEqual([]);
  });

  it('is the one that accepted it, though another of its name takes new jobs: the same object again and again', async () => {
    const job = await acceptedJob(house.desk, request);
    const next = pairTeam({ writerPrompt: 'Write otherwise.' });
    const { teams, desk } = house.reopen({ teams: [next] });
    const [first, second] = await Promise.all([teams.teamOf(job), teams.teamOf(job)]);
    expect(given(first).team.digest).toBe(job.digest);
    expect(given(first).team.members[0]?.prompt.text).toBe('Write.');
    expect(given(second).team).toBe(given(first).team);
    expect(given(await teams.teamOf(job)).team).toBe(given(first).team);
    expect((await acceptedJob(desk, request)).digest).toBe(next.digest);
  });

  it('is found though its team takes no new jobs at all', async () => {
    const job = await acceptedJob(house.desk, request);
    const model = pairModel();
    const other = house.reopen({ teams: [], model });
    await workAll(other);
    expect(given(await other.desk.status(ann, job.id)).job.state).toBe('succeeded');
  });

  it('is team-changed where nobody kept it', async () => {
    const job = await acceptedJob(house.desk, request);
    const other = house.reopen({ teams: [] });
    const lost = await other.teams.teamOf({ ...job, digest: 'f'.repeat(64) });
    expect(lost).toMatchObject({ ok: false, failure: { code: 'team-changed' } });
  });
});

describe('a tool whose code has changed since a job was accepted', () => {
  const open = (code: string, changedTools?: 'finish' | 'fail') =>
    house.reopen({
      teams: [pairTeam({ asks: true, code })],
      ...(changedTools === undefined ? {} : { changedTools }),
    });

  it('is told in a line, and the job goes on, where the rule says finish', async () => {
    const job = await acceptedJob(open('code-1').desk, request);
    const pinned = given(await open('code-2').teams.teamOf(job));
    expect(pinned.notices).toEqual([
      'The code of tool approve has changed since this job was accepted; it goes on with the prompts it was accepted with.',
    ]);
    expect(pinned.team.digest).toBe(job.digest);
  });

  it('is team-changed with the next step where the rule says fail', async () => {
    const job = await acceptedJob(open('code-1').desk, request);
    const { teams } = open('code-2', 'fail');
    expect(given(await teams.definitionOf(job)).digest).toBe(job.digest);
    expect(await teams.teamOf(job)).toMatchObject({
      ok: false,
      failure: { code: 'team-changed', message: expect.stringMatching(/tool approve .* new job/) },
    });
  });

  it('is no matter of jobs that were accepted after the change, also where the definition was kept before it', async () => {
    await acceptedJob(open('code-1').desk, request);
    const changed = open('code-2', 'fail');
    const job = await acceptedJob(changed.desk, request);
    expect(given(await changed.teams.teamOf(job)).notices).toEqual([]);
  });

  it('is told also of a definition that is not the current one', async () => {
    const job = await acceptedJob(open('code-1').desk, request);
    const next = pairTeam({ asks: true, code: 'code-2', writerPrompt: 'Otherwise.' });
    const pinned = given(await house.reopen({ teams: [next] }).teams.teamOf(job));
    expect(pinned.notices).toHaveLength(1);
    expect(pinned.team.digest).toBe(job.digest);
  });
});

describe('the book', () => {
  it('refuses two teams of one name', () => {
    const { store, clock } = house;
    const teams = [pairTeam(), pairTeam({ writerPrompt: 'Otherwise.' })];
    const refused = createTeamBook({ teams, runs: store.runs, clock, changedTools: 'finish' });
    expect(refused).toMatchObject({ ok: false, failure: { code: 'wrong-team' } });
  });

  it('keeps every current definition when it is told to', async () => {
    await house.teams.keepAll();
    const [team] = house.teams.list();
    expect(await house.store.runs.team(team?.digest ?? '')).toMatchObject({ name: 'pair' });
  });
});
