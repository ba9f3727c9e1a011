import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import type { JobRecord, JobState } from '../src/core/index.ts';
import { createInspan, type Service, type ServiceOptions, type Team } from '../src/inspan.ts';
import type { Caller } from '../src/jobs/index.ts';
import { createScratchDatabase } from '../src/store/testing.ts';
import { callTool, type Script, type ScriptedModel, say, scriptedTeam } from '../src/testing.ts';
import { systemClock } from './setup/clock.ts';
import { given } from './setup/job-house.ts';
import { agentFile, type TeamFiles, writeTeamFolder } from './setup/team-folder.ts';

const postgres = inject('postgres');
const caller: Caller = { tenant: 'acme', by: 'test' };

interface Scratch {
  readonly database: string;
  end(): Promise<void>;
}

let scratch: Scratch;
/** What is closed when a test is over, the last opened first. */
let opened: { close(): Promise<void> }[];

describe('an upgrade of a team on SQLite', () => {
  upgrades(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'inspan-upgrade-'));
    return { database: join(folder, 'jobs.db'), end: () => rm(folder, { recursive: true }) };
  });
});

describe.runIf(postgres !== null)('an upgrade of a team on Postgres', () => {
  upgrades(async () => {
    const { url, drop } = await createScratchDatabase(postgres ?? '');
    return { database: url, end: drop };
  });
});

function upgrades(openScratch: () => Promise<Scratch>): void {
  beforeEach(async () => {
    [scratch, opened] = [await openScratch(), []];
  });
  afterEach(async () => {
    await closeAll();
    await scratch.end();
  });

  it('an accepted job is finished on the prompts and skills that accepted it, while new ones take the next version', async () => {
    const before = await open({ files: version(1) });
    const old = await acceptJob(before.service);
    await until(before.service, old.id, 'parked');
    await closeAll();
    const after = await open({ files: version(2) });
    const next = await acceptJob(after.service);
    expect(next.digest).not.toBe(old.digest);
    for (const { id } of [old, next]) await approve(after.service, id);
    expect(await textsOf(after.service, [old.id, next.id])).toEqual([
      'prompt 1, skill 1, code 2',
      'prompt 2, skill 2, code 2',
    ]);
    expect(await warningsOf(after.service, old.id)).toEqual([
      'The code of tool sign has changed since this job was accepted; it goes on with the prompts it was accepted with.',
    ]);
    expect(await warningsOf(after.service, next.id)).toEqual([]);
    for (const { id } of [old, next]) {
      expect(given(await after.service.desk.replay(caller, id)).differences).toEqual([]);
    }
  });

  it('a job in the middle of a call goes on with the next version, where its last one stopped', async () => {
    const gate = Promise.withResolvers<void>();
    const before = await open({
      files: version(1),
      onTurn: (turn) => turn === 2 && gate.resolve(),
      stopAt: 2,
    });
    const { id } = await acceptJob(before.service);
    await approve(before.service, id);
    await gate.promise;
    await closeAll();
    const after = await open({ files: version(2) });
    await until(after.service, id, 'succeeded');
    expect(await textsOf(after.service, [id])).toEqual(['prompt 1, skill 1, code 1']);
    expect(after.model.requests).toHaveLength(2);
  });

  it('a job whose tool has changed fails where the rule says so, and goes on where the old code runs again', async () => {
    const before = await open({ files: version(1) });
    const { id } = await acceptJob(before.service);
    await until(before.service, id, 'parked');
    await closeAll();
    const after = await open({ files: version(2), changedTools: 'fail' });
    await approve(after.service, id);
    const failed = await until(after.service, id, 'failed');
    expect(failed.failure).toMatchObject({
      code: 'team-changed',
      message: expect.stringMatching(/tool sign has changed .* retry it where that code still runs/),
    });
    await closeAll();
    const back = await open({ files: version(1), changedTools: 'fail' });
    given(await back.service.desk.retry(caller, id));
    await until(back.service, id, 'succeeded');
    expect(await textsOf(back.service, [id])).toEqual(['prompt 1, skill 1, code 1']);
  });

  it('a job whose tool is gone fails and says what to do', async () => {
    const before = await open({ files: version(1) });
    const { id } = await acceptJob(before.service);
    await until(before.service, id, 'parked');
    await closeAll();
    const after = await open({ files: withoutTool(version(2)) });
    await approve(after.service, id);
    expect((await until(after.service, id, 'failed')).failure).toMatchObject({
      code: 'team-changed',
      message: expect.stringMatching(
        /sign is gone.*Bring it back as it was, or bring the brief as a new job/,
      ),
    });
  });

  it('a worker that does not have the team hands its jobs over to one that has it', async () => {
    const before = await open({ files: version(1) });
    const { id } = await acceptJob(before.service);
    await until(before.service, id, 'parked');
    await closeAll();
    const other = await open({ files: withoutTool(version(1)), name: 'others' });
    await approve(other.service, id);
    await expect
      .poll(() => movesOf(other.service, id))
      .toContain('queued: the worker does not have its team');
    expect(await other.service.store.runs.find('acme', id)).toMatchObject({
      failure: { code: 'team-missing', message: expect.stringContaining('sign') },
    });
    await closeAll();
    const back = await open({ files: version(1) });
    expect(await until(back.service, id, 'succeeded')).toMatchObject({ failure: null });
    expect(await warningsOf(back.service, id)).toEqual([]);
  });
}

/** The files of a version: prompt, skill and the code of its tool say which one it is. */
function version(n: number): TeamFiles {
  return {
    'agents/clerk.md': `---\nname: clerk\ndescription: signs\ntools: [sign, write_file]\nskills: [style]\n---\nprompt ${n}\n`,
    'skills/style/SKILL.md': `---\nname: style\ndescription: how we write\n---\nskill ${n}\n`,
    // Written out: a folder in nowhere has no packages to import from.
    'tools/sign.ts': `export default {
  purpose: 'Signs.',
  inputSchema: { type: 'object', properties: {}, additionalProperties: false },
  effect: 'outside',
  replay: 'never',
  parse: (input) => ({ ok: true, value: input }),
  run: async (_, { wait }) => {
    await wait('approval');
    return { ok: true, value: { text: 'code ${n}' } };
  },
};
`,
    'team.yaml': 'name: clerks\nagents: { clerk: { writes: text.md } }\nresult: { text: text.md }\n',
  };
}

function withoutTool(files: TeamFiles): TeamFiles {
  const { 'tools/sign.ts': _, ...rest } = files;
  return { ...rest, 'agents/clerk.md': agentFile('clerk', 'tools: [write_file]\nskills: [style]\n') };
}

interface Opening {
  readonly files: TeamFiles;
  readonly changedTools?: ServiceOptions['changedTools'];
  readonly name?: string;
  /** The turn in which the model never answers. */
  readonly stopAt?: number;
  readonly onTurn?: (turn: number) => unknown;
}

/** A process with a version of the team, on the database of the test. */
async function open({ files, changedTools, name = 'clerks', stopAt, onTurn = () => {} }: Opening) {
  const model = clerkModel();
  const waiting: typeof model = {
    ...model,
    async *stream(request, signal) {
      const turn = request.messages.filter(({ role }) => role === 'assistant').length + 1;
      onTurn(turn);
      if (turn === stopAt)
        await new Promise<void>((resolve) =>
          signal.addEventListener('abort', () => resolve(), { once: true }),
        );
      yield* model.stream(request, signal);
    },
  };
  const inspan = createInspan({ environment: {}, model: waiting });
  const team: Team = await inspan.loadTeam(
    await writeTeamFolder({ ...files, 'team.yaml': (files['team.yaml'] ?? '').replace('clerks', name) }),
  );
  const service = await inspan.openService({
    database: scratch.database,
    teams: [team],
    ...(changedTools === undefined ? {} : { changedTools }),
  });
  opened.push(inspan, service);
  service.work({ drainMsMax: 20 });
  return { service, model };
}

/** Signs, then writes down which prompt, skill and code it was given. */
function clerkModel(): ScriptedModel {
  const clerk: Script = ({ system, messages }) => {
    const turn = messages.filter(({ role }) => role === 'assistant').length + 1;
    if (turn === 1) return callTool('sign', {}, { id: 'sign' });
    const seen = JSON.stringify([system, messages]);
    const said = ['prompt', 'skill', 'code'].map((what) => seen.match(new RegExp(`${what} \\d`))?.[0]);
    return turn === 2
      ? callTool('write_file', { path: 'text.md', content: said.join(', ') })
      : say('Signed.');
  };
  return scriptedTeam({ clerk });
}

async function closeAll(): Promise<void> {
  for (const each of opened.splice(0).reverse()) await each.close();
}

async function acceptJob({ desk }: Service): Promise<JobRecord> {
  const accepted = await desk.accept(caller, { team: 'clerks', text: 'Sign it.' });
  if (!accepted.ok) throw new Error(accepted.failures[0].message);
  return accepted.value.job;
}

async function approve({ desk }: Service, id: string): Promise<void> {
  given(await desk.signal(caller, id, { name: 'approval', value: true, id: 'once' }));
}

async function until({ store }: Service, id: string, state: JobState): Promise<JobRecord> {
  for (let looks = 0; looks < 1_500; looks += 1) {
    const record = await store.runs.find(caller.tenant, id);
    if (record?.state === state) return record;
    await systemClock.sleep(10, new AbortController().signal);
  }
  throw new Error(
    `Job ${id} never was ${state}: ${JSON.stringify(await store.runs.find(caller.tenant, id))}`,
  );
}

async function textsOf(service: Service, ids: readonly string[]): Promise<readonly unknown[]> {
  return await Promise.all(
    ids.map(async (id) => {
      await until(service, id, 'succeeded');
      return (await service.store.runs.output(id))?.result['text'];
    }),
  );
}

async function warningsOf({ store }: Service, id: string): Promise<readonly string[]> {
  const events = await store.runs.events(id, 0, 1_000);
  return events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
}

async function movesOf({ store }: Service, id: string): Promise<readonly string[]> {
  const events = await store.runs.events(id, 0, 1_000);
  return events.flatMap((event) => (event.type === 'job-moved' ? [`${event.state}: ${event.why}`] : []));
}
