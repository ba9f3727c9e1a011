import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Answer,
  eventStream,
  json,
  openScriptedServer,
  type ScriptedServer,
} from '../../client/testing.ts';
import { runCommandLine } from '../commands.ts';
import { createCapturedIo, openTestDesk, type TestDesk } from '../testing.ts';

const job = {
  id: 'job_1',
  team: 'kit',
  digest: '0123456789abcdef',
  state: 'parked',
  priority: 0,
  attempts: 2,
  createdAt: '2026-03-01T09:30:00.000Z',
  notBefore: null,
  deadlineAt: null,
  startedAt: '2026-03-01T09:30:01.000Z',
  endedAt: null,
  cancelAsked: false,
  waits: [{ key: 'reviewer/ask', signal: 'approval', until: null, question: { publish: 'x.md' } }],
  failure: null,
  cost: { microUsd: 12_400, usd: 0.0124 },
  estimate: { cost: { microUsd: 20_000, usd: 0.02 }, costMax: { microUsd: 90_000, usd: 0.09 } },
  labels: { customer: 'acme\u001b[31m' },
  forkedFrom: null,
  by: 'local',
  progress: {
    agents: [{ name: 'reviewer', state: 'working' }],
    calls: 3,
    toolCalls: 1,
    cost: { microUsd: 12_400, usd: 0.0124 },
    eventSeq: 4,
  },
  links: { self: '/v1/jobs/job_1', events: '', files: '', result: '' },
};
const succeeded = { ...job, state: 'succeeded', waits: [], endedAt: '2026-03-01T09:31:01.000Z' };
const file = { path: 'review.md', hash: 'ab', bytesSize: 812, version: 1, link: '' };
const team = { name: 'kit', agents: [{ name: 'reviewer', isLead: false, writes: 'review.md' }] };
const at = '2026-03-01T09:30:00.000Z';
const usage = {
  inputTokens: 900,
  cacheReadTokens: 0,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0,
  outputTokens: 80,
  reasoningTokens: 0,
};
const events = [
  { seq: 1, at, type: 'job-moved', state: 'running', epoch: 1, why: 'claimed' },
  { seq: 2, at, type: 'agent-started', agent: 'reviewer', key: 'reviewer' },
  {
    seq: 3,
    at,
    type: 'model-called',
    agent: 'reviewer',
    key: 'reviewer/turn-1',
    model: 'm/x',
    usage,
    cost: { microUsd: 12_400, usd: 0.0124 },
    replayed: false,
    contextTokens: 900,
  },
  {
    seq: 4,
    at,
    type: 'agent-ended',
    agent: 'reviewer',
    key: 'reviewer',
    outcome: 'done',
    code: null,
    said: 'Done.',
  },
].map((event) => `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);

/** What the server of these tests answers, by method and path. */
const answers: Readonly<Record<string, Answer>> = {
  'GET /v1/jobs': json({ items: [job, succeeded], next: 'c2' }),
  'GET /v1/jobs/job_1': json(job),
  'GET /v1/jobs/job_1/files': json({ items: [file], next: null }),
  'GET /v1/jobs/job_1/result': json({ code: 'wrong-state', detail: 'It is parked.' }, { status: 409 }),
  'GET /v1/jobs/job_2': json({ ...succeeded, id: 'job_2' }),
  'GET /v1/jobs/job_2/events': eventStream(events.join('')),
  'GET /v1/teams/kit': json(team),
  'POST /v1/jobs/job_1/cancel': json({ ...job, state: 'cancelled' }),
  'POST /v1/jobs/job_1/retry': json(
    { code: 'wrong-state', detail: 'Job job_1 is parked: it cannot be retried.', errors: [] },
    { status: 409 },
  ),
  'POST /v1/jobs/job_1/fork': json({ ...job, id: 'job_3', state: 'queued' }, { status: 202 }),
  'POST /v1/jobs/job_1/signals/approval': json({ ...job, state: 'queued' }),
  'POST /v1/jobs/job_1/replay': json({
    job: 'job_1',
    digest: 'd',
    steps: 7,
    differences: ['review.md differs'],
  }),
};
const missing = json({ code: 'not-found', detail: 'There is no such job.', errors: [] }, { status: 404 });

let server: ScriptedServer;
let desk: TestDesk;
beforeEach(async () => {
  desk = await openTestDesk();
  server = await openScriptedServer([
    (response, request) => (answers[`${request.method} ${request.path}`] ?? missing)(response, request),
  ]);
});
afterEach(async () => {
  await server.close();
  await desk.close();
});

async function said(...typed: readonly string[]) {
  const environment = { INSPAN_URL: server.url, INSPAN_KEY: 'ik_own' };
  const io = createCapturedIo({ directory: desk.directory, environment });
  const exit = await runCommandLine(['jobs', ...typed], io);
  return { exit, out: io.stdout(), err: io.stderr() };
}

/** The body of the newest request. */
const sent = (): unknown => JSON.parse(server.seen.at(-1)?.body.toString() ?? '') as unknown;

describe('inspan jobs', () => {
  it('lists jobs, with what a terminal must not obey taken out, and says how to go on', async () => {
    const { exit, out } = await said('list', '--state', 'parked', '--label', 'customer=acme');
    expect(exit).toBe(0);
    expect(out).toMatch(/^job_1 {2}parked {5}kit {2}2026-03-01T09:30:00Z {2}\$0\.0124 {2}customer=acme$/m);
    expect(out).toContain('More: --cursor c2');
    expect(server.seen[0]?.query.toString()).toBe('limit=20&state=parked&label=customer%3Aacme');
    expect(server.seen[0]?.headers.authorization).toBe('Bearer ik_own');
  });

  it('tells every mistake in a line of its own, and asks nothing', async () => {
    const { exit, err } = await said('list', '--state', 'lost', '--label', 'x', '--limit', '0');
    expect(exit).toBe(2);
    expect(err.trim().split('\n')).toHaveLength(3);
    expect(server.seen).toHaveLength(0);
  });

  it('shows where a job stands, what it has made, and how to answer it', async () => {
    const { out } = await said('show', 'job_1');
    expect(out).toContain('job_1 is parked');
    expect(out).toContain('$0.0124 (estimated: $0.02)');
    expect(out).toMatch(/review\.md {2}812 bytes/);
    expect(out).toContain('inspan jobs signal job_1 approval --value <json> --key reviewer/ask');
  });

  it('shows a job as JSON, its result null while there is none', async () => {
    const { out } = await said('show', 'job_1', '--json');
    expect(JSON.parse(out)).toEqual({ job, files: [file], result: null });
  });

  it('follows a job to its end in lines', async () => {
    const { exit, out } = await said('watch', 'job_2');
    expect(exit).toBe(0);
    expect(out.trim().split('\n')).toEqual([
      'running: claimed',
      'reviewer: started',
      'reviewer: done, 1 call, 900 tokens in, 80 out, cost $0.0124',
      '',
      'job_2 succeeded: 3 calls, cost $0.0124',
    ]);
  });

  it('follows a job as lines of JSON, the job last', async () => {
    const { out } = await said('watch', 'job_2', '--json');
    const types = out
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { readonly type: string }).type);
    expect(types).toEqual(['job-moved', 'agent-started', 'model-called', 'agent-ended', 'job']);
  });

  it('cancels a job and says what was spent', async () => {
    expect(await said('cancel', 'job_1')).toEqual({
      exit: 0,
      out: 'job_1 cancelled, $0.0124 spent\n',
      err: '',
    });
  });

  it('says in one line what the server refuses', async () => {
    const { exit, err } = await said('retry', 'job_1');
    expect({ exit, err }).toEqual({ exit: 2, err: 'inspan: Job job_1 is parked: it cannot be retried.\n' });
  });

  it('forks a job with prompts from files', async () => {
    await desk.write('stricter.md', 'Be strict.\n');
    const { out } = await said(
      'fork',
      'job_1',
      '--step',
      'reviewer/turn-1',
      '--prompt',
      'reviewer=stricter.md',
      '--model',
      'offline',
    );
    expect(out).toBe('job_3 is queued: inspan jobs watch job_3\n');
    expect(sent()).toEqual({
      step: 'reviewer/turn-1',
      model: 'offline',
      prompts: { reviewer: 'Be strict.\n' },
    });
  });

  it('tells all that is wrong with a fork at once', async () => {
    const { err } = await said('fork', 'job_1', '--prompt', 'reviewer=gone.md', '--skill', 'x');
    expect(err.trim().split('\n')).toEqual([
      expect.stringContaining('--step'),
      expect.stringContaining('gone.md cannot be read (ENOENT)'),
      expect.stringContaining('--skill x'),
    ]);
  });

  it.each([
    [['--value', '{"approved":true}'], { approved: true }],
    [['--value', 'not today'], 'not today'],
    [[], true],
  ])('answers a job with what is given: %j', async (words, value) => {
    await said('signal', 'job_1', 'approval', ...words);
    expect(sent()).toMatchObject({ value });
  });

  it('replays a job and fails where something came out otherwise', async () => {
    const { exit, out } = await said('replay', 'job_1');
    expect({ exit, out }).toEqual({
      exit: 1,
      out: 'job_1: 7 steps replayed, 1 difference\n  review.md differs\n',
    });
  });

  it('says where nobody answers, and that this is no mistake', async () => {
    await server.close();
    const { exit, err } = await said('show', 'job_1');
    expect(exit).toBe(1);
    expect(err).toMatch(/^inspan: Nobody answers at 127\.0\.0\.1:\d+ \(ECONNREFUSED\)\. .*\n$/);
  });

  it('explains itself, as a group and command by command', async () => {
    const group = await said();
    for (const name of ['list', 'show', 'watch', 'cancel', 'retry', 'fork', 'signal', 'replay']) {
      expect(group.out).toContain(`  jobs ${name}`);
      expect((await said(name, '--help')).out).toContain(`inspan jobs ${name}`);
    }
    expect((await said('lst')).err).toContain('Did you mean list?');
  });
});
