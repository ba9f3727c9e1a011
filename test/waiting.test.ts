import { describe, expect, it } from 'vitest';
import { createInspan, defineTeam, InspanError, type Job, type JobDelta, type Tool } from '../src/inspan.ts';
import {
  callTool,
  createMemoryJournalStore,
  manualClock,
  neverAnswer,
  type Script,
  say,
  scriptedTeam,
} from '../src/testing.ts';

/** A tool that waits as a test says, and tells what came. */
function asking(run: (call: Parameters<Tool['run']>[1]) => Promise<unknown>): Tool {
  return {
    name: 'ask',
    purpose: 'Asks a person.',
    inputSchema: { type: 'object' },
    effect: 'outside',
    replay: 'never',
    parse: (value) => ({ ok: true, value }),
    run: async (_, call) => ({ ok: true, value: { text: JSON.stringify(await run(call)) } }),
  };
}

const teamOf = (tool: Tool, limits = { seconds: 60 }) =>
  defineTeam({
    lead: { description: 'Leads.', prompt: 'Lead.', limits },
    agents: {
      a: { description: 'Works.', prompt: 'Work.', reads: ['brief.md'], tools: [tool], limits },
    },
  });

const scripts: Record<string, Script> = {
  lead: [callTool('delegate', { agent: 'a' }), say('Done.')],
  a: [callTool('ask', {}), callTool('write_file', { path: 'a.md', content: 'A' }), say('Written.')],
};

async function startOn(tool: Tool, more: { clock?: ReturnType<typeof manualClock> } = {}) {
  const model = scriptedTeam(scripts);
  const journal = createMemoryJournalStore();
  const job = await createInspan({ environment: {}, model, ...more }).start(teamOf(tool), {}, { journal });
  return { job, journal, model };
}

/** Lets everything happen that needs no time. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((wake) => setImmediate(wake));
}

async function answerOf(job: Job, journal: ReturnType<typeof createMemoryJournalStore>) {
  expect((await job.outcome()).outcome).toBe('done');
  const records = await journal.records();
  const done = records.find(({ key, type }) => key === key1 && type === 'done');
  return done?.type === 'done' ? JSON.parse((done.value as { text: string }).text) : null;
}

const key1 = 'lead/turn-1/call-0/a/turn-1/call-0';
const waitKey = `${key1}/wait-approval`;

describe('a job in memory whose tool waits', () => {
  const tool = asking((call) => call.wait('approval', { question: { publish: true }, timeoutMs: 90_000 }));

  it('says what it waits for, and goes on with the value that is sent', async () => {
    const clock = manualClock(1_000);
    const { job, journal } = await startOn(tool, { clock });
    await settle();
    expect(job.waits()).toEqual([
      { key: waitKey, signal: 'approval', untilMs: 91_000, question: { publish: true } },
    ]);
    job.signal('other', 1);
    job.signal('approval', 'for somebody else', { key: 'nobody' });
    job.signal('approval', { approved: true });
    expect(job.waits()).toEqual([]);
    expect(await answerOf(job, journal)).toEqual({ type: 'signal', value: { approved: true } });
    expect(() => job.signal('approval', 1)).toThrow(InspanError);
  });

  it('keeps a value that comes early for the first who waits for it', async () => {
    const { job, journal } = await startOn(tool);
    job.signal('approval', 'early');
    job.signal('approval', 'for this one', { key: waitKey });
    expect(await answerOf(job, journal)).toEqual({ type: 'signal', value: 'for this one' });
  });

  it('hands each value to one wait alone', async () => {
    const two = asking((call) => Promise.all([call.wait('approval'), call.wait('approval')]));
    const { job, journal } = await startOn(two);
    await settle();
    job.signal('approval', 1);
    job.signal('approval', 2);
    expect(await answerOf(job, journal)).toEqual([1, 2].map((value) => ({ type: 'signal', value })));
  });

  it('goes on when the time of a wait is over, and not before', async () => {
    const clock = manualClock();
    const { job, journal } = await startOn(tool, { clock });
    await settle();
    clock.advance(89_999);
    await settle();
    expect(job.waits()).toHaveLength(1);
    clock.advance(1);
    expect(await answerOf(job, journal)).toEqual({ type: 'timeout' });
  });

  it('spends no wall time, neither the member’s nor the lead’s', async () => {
    const clock = manualClock();
    const waiting = asking((call) => call.wait('approval'));
    const { job, journal } = await startOn(waiting, { clock });
    await settle();
    for (let day = 0; day < 3; day += 1) {
      clock.advance(86_400_000);
      await settle();
    }
    job.signal('approval', 'at last');
    expect(await answerOf(job, journal)).toEqual({ type: 'signal', value: 'at last' });
  });

  it('still has the wall time that it had when it began to wait', async () => {
    const clock = manualClock();
    const model = scriptedTeam({ ...scripts, a: [callTool('ask', {}), neverAnswer()], lead: [] });
    const team = defineTeam({
      agents: {
        a: {
          description: 'Works.',
          prompt: 'Work.',
          tools: [asking((call) => call.wait('approval'))],
          limits: { seconds: 60 },
        },
      },
    });
    const job = await createInspan({ environment: {}, model, clock }).start(team, {});
    const events: string[] = [];
    const listening = (async () => {
      for await (const event of job.events()) events.push(event.type);
    })();
    await settle();
    clock.advance(3_600_000);
    await settle();
    job.signal('approval', 'yes');
    await settle();
    clock.advance(59_999);
    await settle();
    expect(events).not.toContain('agent-ended');
    clock.advance(1);
    await settle();
    // A stopped call may still say what it cost, for a second.
    clock.advance(1_000);
    expect((await job.outcome()).failure?.code).toBe('wall-time-exhausted');
    await listening;
  });

  it('ends soon when it is cancelled, and then waits for nothing', async () => {
    const { job } = await startOn(tool);
    await settle();
    job.cancel();
    expect((await job.outcome()).outcome).toBe('cancelled');
    expect(job.waits()).toEqual([]);
  });

  it('asks again where it was cancelled, until the same time', async () => {
    const clock = manualClock();
    const { job, journal } = await startOn(tool, { clock });
    await settle();
    clock.advance(5_000);
    job.cancel();
    await job.outcome();
    const model = scriptedTeam({ lead: [say('Done.')], a: (scripts['a'] as readonly []).slice(1) });
    const again = await createInspan({ environment: {}, model, clock }).start(teamOf(tool), {}, { journal });
    await settle();
    expect(again.waits().map(({ untilMs }) => untilMs)).toEqual([90_000]);
    again.signal('approval', 'yes');
    expect(await answerOf(again, journal)).toEqual({ type: 'signal', value: 'yes' });
  });

  it('refuses values without end that nobody takes', async () => {
    const { job } = await startOn(tool);
    for (let sent = 0; sent < 1_000; sent += 1) job.signal('never', sent);
    expect(() => job.signal('never', 1_000)).toThrow('1000 signals wait');
    job.cancel();
    await job.outcome();
  });
});

describe('the words of a job', () => {
  const tool = asking((call) => call.wait('approval'));

  it('are told to whoever listens, while they come, by agent and turn', async () => {
    const { job } = await startOn(tool);
    const listen = async (): Promise<readonly JobDelta[]> => {
      const heard: JobDelta[] = [];
      for await (const delta of job.deltas()) heard.push(delta);
      return heard;
    };
    const listening = [listen(), listen()];
    job.signal('approval', 'yes');
    await job.outcome();
    const [first, second] = await Promise.all(listening);
    expect(first).toEqual(second);
    expect(first).toContainEqual({
      type: 'text',
      agent: 'a',
      key: 'lead/turn-1/call-0/a/turn-3',
      text: 'Written.',
    });
    // What has ended tells nothing more, and nothing was kept.
    expect(await listen()).toEqual([]);
  });
});
