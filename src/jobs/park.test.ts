import { describe, expect, it } from 'vitest';
import {
  estimateTokens,
  fail,
  type JobEvent,
  type JournalStore,
  type Model,
  ok,
  type Run,
  type StepRecord,
  type Tool,
  type Wait,
  type WaitEnd,
} from '../core/index.ts';
import { callTool, callTools, failWith, type ScriptEntry, say, scriptedTeam } from '../models/testing.ts';
import { createMemoryJournalStore, openJournal } from '../store/index.ts';
import { compileTeam, defineTeam, type Team } from '../team/index.ts';
import { createMemoryWorkspace } from '../workspace/index.ts';
import { acceptBrief } from './accept.ts';
import { runJob } from './run-job.ts';

const agent = (reads: readonly string[], more: object = {}) => ({
  description: 'Works.',
  prompt: 'Work.',
  reads,
  ...more,
});

/** Answers by how far the conversation is, so that a call that is repeated is answered again. */
function byTurn(scripts: Readonly<Record<string, readonly ScriptEntry[]>>): Model {
  return scriptedTeam(
    Object.fromEntries(
      Object.entries(scripts).map(([name, script]) => [
        name,
        ({ messages }: { readonly messages: readonly { readonly role: string }[] }) => {
          const turn = messages.filter(({ role }) => role === 'assistant').length;
          const entry = script[turn];
          if (entry === undefined) throw new Error(`The script of ${name} has no turn ${turn + 1}`);
          return entry;
        },
      ]),
    ),
  );
}

function writes(path: string, content: string): readonly ScriptEntry[] {
  return [callTool('write_file', { path, content }), say('Written.')];
}

/** A tool that asks before it publishes, and counts what it has published. */
function publishing(published: string[], replay: Tool['replay'] = 'safe'): Tool {
  return {
    name: 'publish',
    purpose: 'Publishes.',
    inputSchema: { type: 'object' },
    effect: 'outside',
    replay,
    parse: (value) => ok(value),
    async run(_, { wait, idempotencyKey }) {
      const end = await wait('approval', { question: 'Publish?' });
      published.push(idempotencyKey);
      return ok({ text: JSON.stringify(end) });
    },
  };
}

interface Attempt {
  readonly store: JournalStore;
  readonly model: Model;
  readonly ends?: Readonly<Record<string, WaitEnd>>;
  readonly inherited?: ReadonlySet<string>;
  readonly brief?: string;
}

/** One worker's try at a job that cannot wait in memory. */
async function attempt(team: Team, { store, model, ends = {}, inherited, brief = 'Do it.' }: Attempt) {
  const accepted = acceptBrief(team, { text: brief }, estimateTokens);
  if (!accepted.ok) throw new Error('The brief was refused');
  const recorded = await store.records();
  const events: JobEvent[] = [];
  const waits: Wait[] = [];
  const clock = {
    now: () => 0,
    sleep: (_: number, signal: AbortSignal) =>
      new Promise<void>((wake) => signal.addEventListener('abort', () => wake(), { once: true })),
  };
  const run: Run = {
    id: 'job',
    signal: new AbortController().signal,
    workspace: createMemoryWorkspace(),
    journal: await openJournal(store, { recorded, ...(inherited === undefined ? {} : { inherited }) }),
    clock,
    countTokens: estimateTokens,
    caching: {
      prefixTokensMin: () => null,
      lifeOf: () => null,
      tokenFactor: () => 1,
      beginWith: () => ({ isFirst: true, before: null }),
    },
    model: () => model,
    costOf: () => 1,
    emit: (event) => void events.push(event),
    tell: () => undefined,
    async awaitSignal(wait) {
      waits.push(wait);
      const end = ends[wait.key];
      return end === undefined ? fail('parked', 'The job waits.') : ok(end);
    },
  };
  const end = await runJob({ compiled: compileTeam(team), brief: accepted.brief, run, recorded });
  return { end, waits: waits.map(({ key }) => key), types: events.map(({ type }) => type), events };
}

/** A store that dies at its n-th append: after the record is safe (`kept`), or before. */
function dyingStore(store: JournalStore, dieAt: number, kept: boolean): JournalStore {
  let appends = 0;
  return {
    records: () => store.records(),
    async append(record) {
      appends += 1;
      if (appends < dieAt || (appends === dieAt && kept)) await store.append(record);
      if (appends >= dieAt) throw new Error('the process is gone');
    },
  };
}

const approval: WaitEnd = { type: 'signal', value: 'yes' };

describe('a job whose member waits', () => {
  const waitKey = 'lead/turn-1/call-0/publisher/turn-1/call-0/wait-approval';
  const scripts = {
    lead: [
      callTools(['publisher', 'writer'].map((name) => ({ name: 'delegate', input: { agent: name } }))),
      callTool('delegate', { agent: 'checker' }),
      say('All is done.'),
    ],
    publisher: [callTool('publish', {}), ...writes('publisher.md', 'P')],
    writer: writes('writer.md', 'W'),
    checker: writes('checker.md', 'C'),
  };
  const teamOf = (published: string[]) =>
    defineTeam({
      lead: { description: 'Leads.', prompt: 'Lead.' },
      agents: {
        publisher: agent(['brief.md'], { tools: [publishing(published)] }),
        writer: agent(['brief.md']),
        checker: agent(['publisher.md', 'writer.md'], { last: true }),
      },
    });

  it('is parked at any depth: what stands beside it is finished, and its lead learns of nothing', async () => {
    const team = teamOf([]);
    const { end, waits, types, events } = await attempt(team, {
      store: createMemoryJournalStore(),
      model: byTurn(scripts),
    });
    expect([end.outcome, end.failure?.code, waits]).toEqual(['parked', 'parked', [waitKey]]);
    expect(types).not.toContain('job-ended');
    const ended = events.flatMap((event) => (event.type === 'agent-ended' ? [event.agent] : []));
    expect(ended).toEqual(['writer']);
  });

  it('goes on to its end after a kill at any journal write, and publishes once', async () => {
    for (const kept of [true, false]) {
      for (let dieAt = 1, isClean = false; !isClean; dieAt += 1) {
        const published: string[] = [];
        const team = teamOf(published);
        const store = createMemoryJournalStore();
        const model = byTurn(scripts);
        isClean = await attempt(team, { store: dyingStore(store, dieAt, kept), model }).then(
          () => true,
          () => false,
        );
        const parked = await attempt(team, { store, model });
        expect([parked.end.outcome, parked.waits], `crash at ${dieAt}`).toEqual(['parked', [waitKey]]);
        const last = await attempt(team, { store, model, ends: { [waitKey]: approval } });
        expect(last.end, `crash at ${dieAt}`).toMatchObject({
          outcome: 'done',
          result: { publisher: 'P', writer: 'W', checker: 'C' },
        });
        expect(published).toEqual(['job/lead/turn-1/call-0/publisher/turn-1/call-0']);
      }
    }
  });

  it('asks no model again for what was recorded before it was parked', async () => {
    const team = teamOf([]);
    const store = createMemoryJournalStore();
    await attempt(team, { store, model: byTurn(scripts) });
    const { writer: _, ...others } = scripts;
    const last = await attempt(team, { store, model: byTurn(others), ends: { [waitKey]: approval } });
    expect(last.end.outcome).toBe('done');
  });
});

describe('a parallel team with a member that waits', () => {
  const teamOf = () =>
    defineTeam({
      pattern: 'parallel',
      agents: {
        broken: agent([]),
        waiting: agent([], { tools: [publishing([])] }),
        writer: agent([]),
        checker: agent(['broken.md', 'waiting.md', 'writer.md'], { last: true }),
      },
    });
  const scripts = {
    broken: [say('No.'), say('No.')],
    waiting: [callTool('publish', {}), ...writes('waiting.md', 'P')],
    writer: writes('writer.md', 'W'),
    checker: writes('checker.md', 'C'),
  };

  it('is parked, though another one failed, and does not verify before all has come', async () => {
    const store = createMemoryJournalStore();
    const first = await attempt(teamOf(), { store, model: byTurn(scripts) });
    expect(first.end.outcome).toBe('parked');
    expect(first.types).not.toContain('agent-skipped');
    const begun = first.events.flatMap((event) => (event.type === 'agent-started' ? [event.agent] : []));
    expect(begun.toSorted()).toEqual(['broken', 'waiting', 'writer']);
    const ends = { 'waiting/turn-1/call-0/wait-approval': approval };
    const last = await attempt(teamOf(), { store, model: byTurn(scripts), ends });
    expect(last.end).toMatchObject({
      outcome: 'failed',
      failure: { code: 'artifact-missing' },
      result: { broken: null, waiting: 'P', writer: 'W', checker: 'C' },
    });
  });

  it('is told of an outage beside it, which a retry may mend while it waits', async () => {
    const store = createMemoryJournalStore();
    const down = byTurn({ ...scripts, writer: [failWith('provider-down')] });
    const first = await attempt(teamOf(), { store, model: down });
    expect(first.end.failure?.code).toBe('provider-down');
    const second = await attempt(teamOf(), { store, model: byTurn(scripts) });
    expect([second.end.outcome, second.end.result['writer']]).toEqual(['parked', 'W']);
  });
});

describe('a fork', () => {
  it('keeps what another brief and other prompts would answer otherwise, and does the rest anew', async () => {
    const team = (prompt: string) =>
      defineTeam({
        pattern: 'pipeline',
        agents: { first: agent(['brief.md']), second: { ...agent(['first.md']), prompt } },
      });
    const store = createMemoryJournalStore();
    const model = byTurn({ first: writes('first.md', '1'), second: writes('second.md', '2') });
    await attempt(team('Work.'), { store, model });
    const prefix: StepRecord[] = [];
    for (const record of await store.records()) {
      if (record.key.startsWith('second/')) break;
      prefix.push(record);
    }
    const forked = await attempt(team('Work otherwise.'), {
      store: createMemoryJournalStore(prefix),
      model: byTurn({ second: writes('second.md', 'otherwise') }),
      inherited: new Set(prefix.map(({ key }) => key)),
      brief: 'Do something else.',
    });
    expect(forked.end).toMatchObject({ outcome: 'done', result: { first: '1', second: 'otherwise' } });
  });
});
