import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, type Fate, openBench, soloTeam } from '../../../test/setup/worker.ts';
import { gatedWriter, writer } from '../../../test/setup/worker-models.ts';
import { ok, type RunStore, type StoredEvent, type Tool, type WaitEnd } from '../../core/index.ts';
import { failWith, say, scriptedModel } from '../../models/testing.ts';
import { statusCopy } from '../live.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(async () => {
  await bench.close();
});

/** A short lease: nobody waits here until a dead worker is missed. */
const leaseMs = 400;

/** What a stream tells of the work, without moves from worker to worker. */
function told(events: readonly StoredEvent[]): readonly string[] {
  return events.flatMap((event) => {
    if (event.type === 'job-moved') return [];
    return [`${event.type} ${'key' in event ? event.key : ''}`.trim()];
  });
}

function expectGapless(events: readonly StoredEvent[]): void {
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
}

/** What an undisturbed job tells. */
async function toldOfGoodJob(): Promise<readonly string[]> {
  await bench.accept('good');
  const worker = bench.start({ id: 'good', model: writer() });
  await bench.until('good', 'succeeded');
  await worker.close();
  return told(await bench.events('good'));
}

describe('a worker', () => {
  it('finishes a job once, with its result, its bill and a stream without gaps', async () => {
    await bench.accept('a');
    const model = writer();
    bench.start({ model });
    const record = await bench.until('a', 'ended');
    expect(record).toMatchObject({ state: 'succeeded', attempts: 1, failure: null, costMicroUsd: 2 });
    expect(await bench.store.runs.output('a')).toMatchObject({
      result: { out: 'Written.' },
      usage: { total: { calls: 2, toolCalls: 1 } },
    });
    expect(model.requests).toHaveLength(2);
    const events = await bench.events('a');
    expectGapless(events);
    expect(events.slice(-2)).toMatchObject([
      { type: 'job-ended', outcome: 'done' },
      { type: 'job-moved', state: 'succeeded' },
    ]);
  });

  it('tells who polls and who listens where a job stands, up to its end', async () => {
    const heard: number[] = [];
    bench.hot.subscribe('job:a', (text) => {
      const message = JSON.parse(text) as { events?: readonly StoredEvent[] };
      heard.push(...(message.events ?? []).map(({ seq }) => seq));
    });
    await bench.accept('a');
    const worker = bench.start({ model: writer() });
    await bench.until('a', 'ended');
    await worker.drain();
    const last = (await bench.events('a')).length;
    expect(await statusCopy(bench.hot, 'a')).toMatchObject({
      job: { state: 'succeeded' },
      progress: { agents: [{ name: 'writer', state: 'done' }], calls: 2, eventSeq: last },
    });
    // The first one, of being accepted, is the desk's to tell.
    expect(heard).toEqual(Array.from({ length: last - 1 }, (_, index) => index + 2));
  });

  it('shares a hundred jobs with another one, and none is done twice', async () => {
    const ids = Array.from({ length: 100 }, (_, index) => `job-${index}`);
    for (const id of ids) await bench.accept(id);
    const model = writer();
    for (const id of ['x', 'y']) bench.start({ id, model, concurrency: 8 });
    const records = await Promise.all(ids.map((id) => bench.until(id, 'ended')));
    expect(records.map(({ state, attempts }) => `${state} ${attempts}`)).toEqual(
      ids.map(() => 'succeeded 1'),
    );
    expect(model.requests).toHaveLength(200);
  });

  it('begins the next job of a tenant at its ceiling as soon as one ends', async () => {
    for (const id of ['a', 'b', 'c']) await bench.accept(id);
    bench.start({ model: writer(), ceilings: { others: 1, tenants: {} } });
    await Promise.all(['a', 'b', 'c'].map((id) => bench.until(id, 'succeeded')));
    const times = await Promise.all(
      ['a', 'b', 'c'].map(async (id) => {
        const { startedAtMs, endedAtMs } = await bench.job(id);
        return { startedAtMs: startedAtMs ?? 0, endedAtMs: endedAtMs ?? 0 };
      }),
    );
    times.sort((a, b) => a.startedAtMs - b.startedAtMs);
    expect(times[1]?.startedAtMs).toBeGreaterThanOrEqual(times[0]?.endedAtMs ?? Number.NaN);
    expect(times[2]?.startedAtMs).toBeGreaterThanOrEqual(times[1]?.endedAtMs ?? Number.NaN);
  });
});

describe('a worker that is killed', () => {
  it('leaves a job that another one goes on with: no recorded step runs again, nothing is told twice', async () => {
    const good = await toldOfGoodJob();
    await bench.accept('a');
    const fate: Fate = { state: 'well' };
    const second = gatedWriter(2);
    bench.start({ id: 'first', model: second.model, fate, leaseMs });
    await second.asked;
    fate.state = 'dead';
    const model = writer();
    bench.start({ id: 'second', model });
    expect(await bench.until('a', 'ended')).toMatchObject({
      state: 'succeeded',
      attempts: 2,
      costMicroUsd: 2,
    });
    expect(model.requests).toHaveLength(1);
    const events = await bench.events('a');
    expectGapless(events);
    expect(told(events)).toEqual(good);
  });

  it('has told of an end that did not become true only once', async () => {
    await bench.accept('a');
    const fate: Fate = { state: 'well' };
    const settle: RunStore['settle'] = () => {
      fate.state = 'dead';
      return new Promise(() => {});
    };
    bench.start({ id: 'first', model: writer(), fate, leaseMs, runs: () => ({ settle }) });
    await expect.poll(() => fate.state).toBe('dead');
    bench.start({ id: 'second', model: scriptedModel([]) });
    await bench.until('a', 'succeeded');
    const ends = (await bench.events('a')).filter(({ type }) => type === 'job-ended');
    expect(ends).toHaveLength(1);
  });
});

/** A tool that waits for an answer and says it. */
function asking(options: { readonly timeoutMs?: number } = {}): Tool {
  return {
    name: 'ask_boss',
    purpose: 'Asks the boss.',
    inputSchema: { type: 'object' },
    effect: 'outside',
    replay: 'never',
    parse: ok,
    async run(_, call) {
      const end: WaitEnd = await call.wait('answer', { question: 'May I?', ...options });
      return ok({
        text: end.type === 'signal' ? `The boss says ${JSON.stringify(end.value)}` : 'No answer.',
      });
    },
  };
}

describe('a job that waits', () => {
  const signal = { name: 'answer', value: 'yes', key: null, id: null, by: 'boss' };

  it('is parked, costs its worker nothing, and goes on with the signal', async () => {
    await bench.accept('a');
    const model = writer('ask_boss');
    const worker = bench.start({ model, team: soloTeam([asking()]) });
    const parked = await bench.until('a', 'parked');
    expect(parked.waits).toMatchObject([{ signal: 'answer', question: 'May I?', untilMs: null }]);
    expect(parked.costMicroUsd).toBe(1);
    await expect.poll(() => worker.held()).toBe(0);
    await bench.store.runs.signal('acme', 'a', signal);
    expect(await bench.until('a', 'ended')).toMatchObject({ state: 'succeeded', attempts: 2 });
    expect(JSON.stringify(model.requests[1]?.messages)).toContain('The boss says');
    expect(model.requests).toHaveLength(3);
    const events = await bench.events('a');
    expectGapless(events);
    expect(new Set(told(events)).size).toBe(told(events).length);
  });

  it('goes on at once with a signal that came before it asked', async () => {
    await bench.accept('a');
    await bench.store.runs.signal('acme', 'a', signal);
    bench.start({ model: writer('ask_boss'), team: soloTeam([asking()]) });
    expect(await bench.until('a', 'ended')).toMatchObject({ state: 'succeeded', attempts: 1 });
  });

  it.each([20, 1_200])('goes on without one when its %i ms are over', async (timeoutMs) => {
    await bench.accept('a');
    const model = writer('ask_boss');
    bench.start({ model, team: soloTeam([asking({ timeoutMs })]) });
    expect(await bench.until('a', 'ended')).toMatchObject({ state: 'succeeded' });
    expect(JSON.stringify(model.requests[1]?.messages)).toContain('No answer.');
  });
});

describe('a job that is stopped', () => {
  it('keeps the reply that arrived when somebody cancels it in flight, and says what was spent', async () => {
    await bench.accept('a');
    const gate = gatedWriter(1, { endsWhenStopped: true });
    bench.start({ model: gate.model, leaseMs });
    await gate.asked;
    await bench.store.runs.cancel('acme', 'a', { why: 'cancelled by a person', by: 'ann' });
    bench.hot.publish('cancel', 'a');
    const record = await bench.until('a', 'ended');
    expect(record).toMatchObject({ state: 'cancelled', failure: { code: 'cancelled' }, costMicroUsd: 1 });
    const kept = (await bench.store.runs.records('a')).map(({ record: { type, key } }) => `${type} ${key}`);
    expect(kept).toContain('done writer/turn-1/model');
    expect((await bench.events('a')).at(-2)).toMatchObject({ type: 'job-ended', outcome: 'cancelled' });
  });

  it('is stopped by the next beat where nobody heard of the cancel', async () => {
    await bench.accept('a');
    const gate = gatedWriter(1);
    bench.start({ model: gate.model, leaseMs });
    await gate.asked;
    await bench.store.runs.cancel('acme', 'a', { why: 'cancelled by a person', by: 'ann' });
    expect(await bench.until('a', 'ended')).toMatchObject({ state: 'cancelled' });
  });

  it('expires when its deadline passes while it runs', async () => {
    const gate = gatedWriter(1);
    await bench.accept('a', { deadlineAtMs: Date.now() + 1_000 });
    bench.start({ model: gate.model });
    const record = await bench.until('a', 'ended');
    expect(record).toMatchObject({ state: 'expired', failure: { code: 'deadline-passed' } });
    expect((await bench.events('a')).at(-2)).toMatchObject({ type: 'job-ended', code: 'deadline-passed' });
  });

  it('is handed over when its worker is drained, and another one finishes it', async () => {
    const good = await toldOfGoodJob();
    await bench.accept('a');
    const gate = gatedWriter(2);
    const worker = bench.start({ id: 'first', model: gate.model, drainMsMax: 50 });
    await gate.asked;
    const drained = worker.drain();
    expect(worker.drain()).toBe(drained);
    await drained;
    expect(await bench.job('a')).toMatchObject({ state: 'queued', failure: null });
    const model = writer();
    bench.start({ id: 'second', model });
    expect(await bench.until('a', 'ended')).toMatchObject({ state: 'succeeded', attempts: 2 });
    expect(model.requests).toHaveLength(1);
    expect(told(await bench.events('a'))).toEqual(good);
  });

  it('is finished by a worker that is drained, where there is time for it', async () => {
    await bench.accept('a');
    const gate = gatedWriter(2);
    const worker = bench.start({ model: gate.model });
    await gate.asked;
    const drained = worker.drain();
    gate.open();
    await drained;
    expect(await bench.job('a')).toMatchObject({ state: 'succeeded', attempts: 1 });
    expect(worker.held()).toBe(0);
  });
});

describe('a failure', () => {
  it('of the world is tried again, and the job goes on where it was', async () => {
    await bench.accept('a');
    const model = writer();
    const flaky = { ...model, stream: model.stream };
    let calls = 0;
    flaky.stream = (request, signal) => {
      calls += 1;
      const one = calls === 2 ? scriptedModel([failWith('provider-down')]) : model;
      return one.stream(request, signal);
    };
    bench.start({ model: flaky });
    expect(await bench.until('a', 'ended')).toMatchObject({ state: 'succeeded', attempts: 2 });
    expect(model.requests).toHaveLength(2);
    expect((await bench.events('a')).filter(({ type }) => type === 'agent-ended')).toHaveLength(1);
  });

  it('of the world that stays ends the job after some tries', async () => {
    await bench.accept('a');
    const model = scriptedModel(() => failWith('provider-down'));
    bench.start({ model, retriesMax: 2 });
    const record = await bench.until('a', 'ended');
    expect(record).toMatchObject({ state: 'failed', attempts: 3, failure: { code: 'provider-down' } });
    expect(model.requests).toHaveLength(3);
    const events = await bench.events('a');
    expect(events.filter(({ type }) => type === 'job-ended')).toMatchObject([{ outcome: 'failed' }]);
    expect(events.filter(({ type }) => type === 'agent-ended')).toMatchObject([{ code: 'provider-down' }]);
  });

  it('of the task ends the job at once', async () => {
    await bench.accept('a');
    bench.start({ model: scriptedModel([say('x', { stop: 'refused' })]) });
    expect(await bench.until('a', 'ended')).toMatchObject({ state: 'failed', failure: { code: 'refused' } });
  });

  it('that is a bug of a tool ends its job alone, and an operator is told', async () => {
    await bench.accept('a');
    const broken: Tool = {
      ...asking(),
      run: () => Promise.reject(new Error('an index was wrong')),
    };
    bench.start({ model: writer('ask_boss'), team: soloTeam([broken]) });
    expect(await bench.until('a', 'ended')).toMatchObject({
      state: 'failed',
      failure: { code: 'tool-failed' },
    });
    expect(bench.problems).toEqual([expect.stringContaining('an index was wrong')]);
  });

  it('of the storage is told once, and the job goes on when it is over', async () => {
    await bench.accept('a');
    await bench.accept('b');
    const storage: Fate = { state: 'well' };
    const gate = gatedWriter(2);
    bench.start({ model: gate.model, storage });
    await gate.asked;
    storage.state = 'broken';
    gate.open();
    await expect.poll(() => bench.problems.length).toBe(1);
    storage.state = 'well';
    for (const id of ['a', 'b']) expect((await bench.until(id, 'ended')).state).toBe('succeeded');
    expect(bench.problems).toEqual([expect.stringContaining('the storage is gone')]);
  });
});
