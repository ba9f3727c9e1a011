import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import type { Clock, Model, ModelRequest, Store } from '../src/core/index.ts';
import type { Caller, ForkRequest } from '../src/jobs/index.ts';
import { openScratchPostgresStore, openScratchSqliteStore } from '../src/store/testing.ts';
import { failWith } from '../src/testing.ts';
import { systemClock } from './setup/clock.ts';
import { given } from './setup/job-house.ts';
import { type JobProcess, type JobWorld, openJobWorld, workTold } from './setup/job-world.ts';
import { editorKey, finishedCalls, pressModel, pressTeam, stepOf } from './setup/press-team.ts';
import { readEvents } from './setup/read-events.ts';

const postgres = inject('postgres');
const ann: Caller = { tenant: 'ann', by: 'key-ann' };
/** Whoever asks a server that has no keys. */
const anyone: Caller = { tenant: 'default', by: 'local' };
const bob: Caller = { tenant: 'bob', by: 'key-bob' };
const request = { team: 'press', text: 'Write.' };
/** Its four calls, and the lead's last one. */
const editorCalls = [1, 2, 3, 4].map((turn) => `${editorKey}/turn-${turn}/model`);
const allCalls = [
  'lead/turn-1/model',
  ...['anna', 'bert'].flatMap((name, call) =>
    [1, 2].map((turn) => `lead/turn-1/call-${call}/${name}/turn-${turn}/model`),
  ),
  'lead/turn-2/model',
  ...editorCalls,
  'lead/turn-3/model',
];
const approval = { name: 'approval', value: 'yes' };

let world: JobWorld;

describe('durable jobs on SQLite', () => {
  seams(openScratchSqliteStore);
});

describe.runIf(postgres !== null)('durable jobs on Postgres', () => {
  seams((clock) => openScratchPostgresStore(postgres ?? '', clock));
});

/** Starts a process with a worker. */
function start(
  id: string,
  model: Model = pressModel(),
  more: { readonly budgetUsd?: number } = {},
): JobProcess {
  const opened = world.open({ teams: [pressTeam(more)], model });
  opened.work({ id });
  return opened;
}

/** A whole job, undisturbed but for its approval. */
async function wholeJob(opened: JobProcess, caller = ann): Promise<string> {
  const { id } = await opened.accept(caller, request);
  await world.until(caller, id, 'parked');
  given(await opened.desk.signal(caller, id, approval));
  expect(await world.until(caller, id, 'ended')).toMatchObject({ state: 'succeeded', failure: null });
  return id;
}

/** A model that stops at a step: it never answers, or answers only when it is stopped. */
function stopsAt(step: string, stopped: 'silent' | 'answers' = 'silent') {
  const inner = pressModel();
  const asked = Promise.withResolvers<void>();
  const model: Model = {
    ...inner,
    async *stream(toAnswer, signal) {
      if (stepOf(toAnswer) !== step) return yield* inner.stream(toAnswer, signal);
      asked.resolve();
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      yield* inner.stream(toAnswer, stopped === 'answers' ? new AbortController().signal : signal);
    },
  };
  return { model, asked: asked.promise, requests: inner.requests };
}

const manyWords = Array.from({ length: 60 }, (_, index) => `word-${index} `).join('');

/** Takes its time for the words of the editor's last answer. */
function talkative(inner: Model): Model {
  return {
    ...inner,
    async *stream(sent, signal) {
      if (stepOf(sent) !== editorCalls[3]) return yield* inner.stream(sent, signal);
      for (const text of manyWords.match(/\S+ /g) ?? []) {
        yield { type: 'text', text };
        await systemClock.sleep(25, signal);
      }
      for await (const event of inner.stream(sent, signal)) if (event.type === 'end') yield event;
    },
  };
}

/** What a provider reads. How long a prefix is worth keeping is what a process has learned, not what a job is. */
function bytesOf(sent: ModelRequest): string {
  return JSON.stringify(sent, (name, value: unknown) => (name === 'cacheMark' ? 'marked' : value));
}

function seams(openStore: (clock: Clock) => Promise<Store>): void {
  beforeEach(async () => {
    world = await openJobWorld(openStore);
  });
  afterEach(() => world.close());

  it('a call that waits three levels deep goes on with another process, as it was asked', async () => {
    const first = start('first');
    const { id } = await first.accept(ann, request);
    const { waits } = await world.until(ann, id, 'parked');
    const key = `${editorKey}/turn-1/call-0/wait-approval`;
    expect(waits).toMatchObject([{ key, signal: 'approval', question: 'May it go out?' }]);
    first.kill();
    await world.lose('first');
    const model = pressModel();
    const second = start('second', model);
    given(await second.desk.signal(ann, id, { ...approval, key }));
    expect(await world.until(ann, id, 'ended')).toMatchObject({ state: 'succeeded' });
    expect(model.requests.map(stepOf)).toEqual([...editorCalls.slice(1), 'lead/turn-3/model']);
    expect(JSON.stringify(model.requests[0]?.messages.at(-1))).toContain('yes');
  });

  it('what is sent after a crash is to the byte what is sent without one, with the cache marked at the same places', async () => {
    const whole = pressModel();
    const undisturbed = start('whole', whole);
    const told = workTold(await world.events(await wholeJob(undisturbed)));
    undisturbed.kill();
    await world.lose('whole');
    const stuck = stopsAt(`${editorKey}/turn-3/model`);
    const first = start('first', stuck.model);
    const { id } = await first.accept(ann, request);
    await world.until(ann, id, 'parked');
    given(await first.desk.signal(ann, id, approval));
    await stuck.asked;
    first.kill();
    await world.lose('first');
    const model = pressModel();
    start('second', model);
    await world.until(ann, id, 'succeeded');
    const expected = new Map(whole.requests.map((sent) => [stepOf(sent), bytesOf(sent)]));
    expect(model.requests).toHaveLength(3);
    for (const sent of [...stuck.requests, ...model.requests]) {
      expect(bytesOf(sent)).toBe(expected.get(stepOf(sent)));
    }
    const events = await world.events(id);
    expect(workTold(events)).toEqual(told);
    expect(events.filter(({ type }) => type === 'prefix-break')).toEqual([]);
  });

  it('the budget counts what the first worker spent, and what a crash hid as the most it may have cost', async () => {
    // Room for all that a job spends beside one of its dearest calls, not for a second one.
    const roomUsd = Math.round(1.05e6 * (await worstCallUsd())) / 1e6;
    const opened = start('enough', pressModel(), { budgetUsd: roomUsd });
    await wholeJob(opened);
    opened.kill();
    await world.lose('enough');
    const stuck = stopsAt(editorCalls[0] ?? '');
    const first = start('first', stuck.model, { budgetUsd: roomUsd });
    const { id } = await first.accept(ann, request);
    await stuck.asked;
    first.kill();
    await world.lose('first');
    const model = pressModel();
    start('second', model, { budgetUsd: roomUsd });
    const ended = await world.until(ann, id, 'ended');
    expect(ended).toMatchObject({ state: 'failed', failure: { code: 'budget-exhausted' } });
    expect(model.requests).toEqual([]);
    // What nobody reported is not on the bill.
    expect(ended.costMicroUsd).toBe(6 * callMicroUsd);
  });

  it('a cancelled call’s paid result is kept and billed, and a retry repeats nothing that finished', async () => {
    const stuck = stopsAt('lead/turn-2/model', 'answers');
    const first = start('first', stuck.model);
    const { id } = await first.accept(ann, request);
    await stuck.asked;
    given(await first.desk.cancel(ann, id));
    const cancelled = await world.until(ann, id, 'ended');
    expect(cancelled).toMatchObject({ state: 'cancelled', costMicroUsd: 6 * callMicroUsd });
    expect(finishedCalls(await world.store.runs.records(id))).toContain('lead/turn-2/model');
    first.kill();
    await world.lose('first');
    const model = pressModel();
    const second = start('second', model);
    given(await second.desk.retry(ann, id));
    await world.until(ann, id, 'parked');
    given(await second.desk.signal(ann, id, approval));
    expect(await world.until(ann, id, 'ended')).toMatchObject({
      state: 'succeeded',
      costMicroUsd: allCalls.length * callMicroUsd,
    });
    expect(model.requests.map(stepOf)).toEqual([...editorCalls, 'lead/turn-3/model']);
  });

  it('a failed job that is retried goes on where it failed', async () => {
    const good = pressModel();
    const step = `${editorKey}/turn-3/model`;
    const refusing: Model = {
      ...good,
      stream: (sent, signal) => (stepOf(sent) === step ? failing : good).stream(sent, signal),
    };
    const first = start('first', refusing);
    const { id } = await first.accept(ann, request);
    await world.until(ann, id, 'parked');
    given(await first.desk.signal(ann, id, approval));
    expect(await world.until(ann, id, 'ended')).toMatchObject({
      state: 'failed',
      failure: { code: 'no-access' },
    });
    first.kill();
    await world.lose('first');
    const model = pressModel();
    const second = start('second', model);
    given(await second.desk.retry(ann, id));
    await world.until(ann, id, 'succeeded');
    expect(model.requests.map(stepOf)).toEqual([...editorCalls.slice(2), 'lead/turn-3/model']);
    expect((await world.events(id)).filter(({ type }) => type === 'job-ended')).toHaveLength(2);
  });

  it.each<[string, Omit<ForkRequest, 'step'>]>([
    ['prompt', { patch: { prompts: { editor: 'Edit boldly.' } } }],
    ['model', { patch: { model: 'offline' } }],
    ['brief', { brief: { text: 'Write about ships.', files: {}, params: {} } }],
  ])(
    'a fork with another %s takes the steps before it free, and ends with other artifacts',
    async (_, other) => {
      const first = start('first');
      const source = await wholeJob(first);
      first.kill();
      await world.lose('first');
      const model = pressModel('FINAL otherwise');
      const second = start('second', model);
      const { id } = given(await second.desk.fork(ann, source, { step: editorCalls[2] ?? '', ...other }));
      expect(await world.until(ann, id, 'ended')).toMatchObject({ state: 'succeeded', failure: null });
      const isOffline = other.patch?.model === 'offline';
      expect(model.requests.map(stepOf)).toEqual(
        isOffline ? [] : [...editorCalls.slice(2), 'lead/turn-3/model'],
      );
      const [before, after] = await Promise.all([source, id].map((job) => world.store.runs.output(job)));
      expect(after?.result['final']).not.toEqual(before?.result['final']);
      expect(after?.result['draft']).toBe('A by Anna');
      for (const job of [source, id])
        expect(given(await second.desk.replay(ann, job)).differences).toEqual([]);
    },
  );

  it('a fork costs what is done anew, and its budget is its own', async () => {
    const first = start('first');
    const source = await wholeJob(first);
    const { id } = given(await first.desk.fork(ann, source, { step: editorCalls[2] ?? '' }));
    const forked = await world.until(ann, id, 'succeeded');
    expect(forked.costMicroUsd).toBe(3 * callMicroUsd);
    expect((await world.store.runs.output(id))?.usage.total.costMicroUsd).toBe(3 * callMicroUsd);
  });

  it('a drained worker keeps the reply that arrives while it stops, and the next one goes on behind it', async () => {
    const stuck = stopsAt('lead/turn-2/model', 'answers');
    const first = world.open({ teams: [pressTeam()], model: stuck.model });
    const worker = first.work({ id: 'first', drainMsMax: 20 });
    const { id } = await first.accept(ann, request);
    await stuck.asked;
    await worker.drain();
    expect((await world.until(ann, id, 'queued')).failure).toBeNull();
    const model = pressModel();
    const second = start('second', model);
    await world.until(ann, id, 'parked');
    given(await second.desk.signal(ann, id, approval));
    await world.until(ann, id, 'succeeded');
    expect(model.requests.map(stepOf)).toEqual([...editorCalls, 'lead/turn-3/model']);
  });

  it('a parked job whose deadline passes expires, and takes no signal any more', async () => {
    const opened = start('only');
    const { id } = await opened.accept(ann, { ...request, deadlineAtMs: world.clock.now() + 600_000 });
    await world.until(ann, id, 'parked');
    world.clock.leap(600_000);
    expect(await world.until(ann, id, 'ended')).toMatchObject({
      state: 'expired',
      failure: { code: 'deadline-passed' },
    });
    expect(await opened.desk.signal(ann, id, approval)).toMatchObject({ failure: { code: 'wrong-state' } });
  });

  it('two tenants do not know of each other, whatever keys they use', async () => {
    const opened = start('only');
    const keyed = { ...request, idempotencyKey: 'the-same' };
    const [one, two] = await Promise.all([opened.accept(ann, keyed), opened.accept(bob, keyed)]);
    expect(one.id).not.toBe(two.id);
    await Promise.all([world.until(ann, one.id, 'parked'), world.until(bob, two.id, 'parked')]);
    const { desk } = opened;
    const asked = await Promise.all([
      desk.signal(bob, one.id, approval),
      desk.cancel(bob, one.id),
      desk.retry(bob, one.id),
      desk.fork(bob, one.id, { step: 'lead/turn-1/model' }),
      desk.replay(bob, one.id),
    ]);
    for (const answer of asked) expect(answer).toMatchObject({ failure: { code: 'not-found' } });
    given(await desk.signal(bob, two.id, approval));
    await world.until(bob, two.id, 'succeeded');
    expect((await world.until(ann, one.id, 'parked')).state).toBe('parked');
  });

  it('a listener who loses the connection and a worker that is lost leave no gap in the stream', async () => {
    const stuck = stopsAt(`${editorKey}/turn-4/model`);
    const first = start('first', stuck.model);
    const { id } = await first.accept(anyone, request);
    const before = await readEvents(first.app, id, { until: ({ type }) => type === 'file-written' });
    await world.until(anyone, id, 'parked');
    given(await first.desk.signal(anyone, id, approval));
    await stuck.asked;
    const second = world.open({ teams: [pressTeam()], model: talkative(pressModel()) });
    const after = readEvents(second.app, id, { lastEventId: before.at(-1)?.seq ?? 0 });
    first.kill();
    await world.lose('first');
    second.work({ id: 'second' });
    const heard = [...before, ...(await after)];
    expect(heard.flatMap(({ seq }) => seq ?? [])).toEqual((await world.events(id)).map(({ seq }) => seq));
    // Whoever begins to listen misses some words at most, and hears all others in order, before the event of the answer.
    const key = `${editorKey}/turn-4`;
    const said = heard.flatMap((event) => (event.type === 'text' && event.key === key ? [event.text] : []));
    expect(said).not.toEqual([]);
    expect(manyWords.endsWith(said.join(''))).toBe(true);
    const lastWords = heard.findLastIndex((event) => event.type === 'text' && event.key === key);
    expect(lastWords).toBeLessThan(
      heard.findIndex((event) => event.type === 'model-called' && event.key === key),
    );
  });
}

/** 100 tokens in at 1, 20 out at 5 micro-USD. */
const callMicroUsd = 200;

const failing: Model = {
  id: 'scripted/model',
  contextTokensMax: 200_000,
  async *stream() {
    const entry = failWith('no-access');
    if (entry.type === 'failed') yield { type: 'end', end: entry };
  },
};

/** The most that a call of the editor's may cost: what a crash in it leaves in doubt. */
async function worstCallUsd(): Promise<number> {
  const opened = start('rich');
  const records = await world.store.runs.records(await wholeJob(opened));
  opened.kill();
  await world.lose('rich');
  const worst = records.flatMap(({ record }) =>
    record.type === 'started' && record.atRisk !== undefined
      ? [record.atRisk.usage.inputTokens + 5 * record.atRisk.usage.outputTokens]
      : [],
  );
  return Math.ceil(Math.max(...worst)) / 1_000_000;
}
