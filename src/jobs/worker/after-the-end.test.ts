import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Bench, openBench } from '../../../test/setup/worker.ts';
import { gatedWriter, writer } from '../../../test/setup/worker-models.ts';
import { callTool, failWith, say, scriptedModel } from '../../models/testing.ts';
import { refusedRetry } from '../desk/recorded-failure.ts';
import { type LiveMessage, statusCopy } from '../live.ts';
import { holdJob } from './held-job.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(async () => {
  await bench.close();
});

describe('a job that is retried', () => {
  it('shows who works on it again, and tells it', async () => {
    await bench.accept('a');
    const down = bench.start({
      id: 'first',
      model: scriptedModel(() => failWith('provider-down')),
      retriesMax: 0,
    });
    await bench.until('a', 'failed');
    await down.close();
    expect((await bench.store.runs.retry('acme', 'a', { why: 'mended', by: 'ann' })).ok).toBe(true);
    const gate = gatedWriter(1);
    const worker = bench.start({ id: 'second', model: gate.model });
    await gate.asked;
    await vi.waitFor(async () =>
      expect((await statusCopy(bench.hot, 'a'))?.progress.agents).toEqual([
        { name: 'writer', state: 'working' },
      ]),
    );
    gate.open();
    await bench.until('a', 'succeeded');
    await worker.drain();
    const events = await bench.events('a');
    const states = events.flatMap((event) =>
      event.type === 'agent-started' || event.type === 'agent-ended' ? [event.type] : [],
    );
    expect(states).toEqual(['agent-started', 'agent-ended', 'agent-started', 'agent-ended']);
    expect(events.map(({ atMs }) => atMs)).toEqual(events.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
  });
});

describe('a job that failed of what it has recorded', () => {
  it('is not retried, which would change nothing, but forked: at a step that is named and does help', async () => {
    await bench.accept('a');
    const silent = scriptedModel([say('I wrote nothing.'), say('Nothing.'), say('No.'), say('No.')]);
    const first = bench.start({ id: 'first', model: silent });
    const record = await bench.until('a', 'failed');
    await first.close();
    expect(record.failure?.code).toBe('artifact-missing');
    const refused = await refusedRetry(bench.store.runs, record);
    expect(refused).toMatchObject({ code: 'wrong-state' });
    const [, step = ''] = /at step (\S+):/.exec(refused?.message ?? '') ?? [];
    const fork = {
      id: 'b',
      from: 'a',
      step,
      brief: null,
      digest: null,
      patch: null,
      labels: null,
      by: 'ann',
    };
    expect(await bench.store.runs.fork('acme', fork)).toMatchObject({ ok: true });
    const write = callTool('write_file', { path: 'out.md', content: 'At last.' });
    bench.start({ id: 'second', model: scriptedModel([write, say('Written.')]) });
    expect(await bench.until('b', 'ended')).toMatchObject({ state: 'succeeded' });
  });

  it('is told apart from one that failed of the world', async () => {
    await bench.accept('a');
    bench.start({ model: scriptedModel(() => failWith('provider-down')), retriesMax: 0 });
    expect(await refusedRetry(bench.store.runs, await bench.until('a', 'failed'))).toBeNull();
  });
});

describe('an end whose answer was lost', () => {
  it('is told to who polls and who listens all the same', async () => {
    const heard: string[] = [];
    bench.hot.subscribe('job:a', (text) => void heard.push(text));
    await bench.accept('a');
    let calls = 0;
    const worker = bench.start({
      model: writer(),
      runs: (runs) => ({
        async settle(lease, ending) {
          const settled = await runs.settle(lease, ending);
          calls += 1;
          if (calls === 1) throw new Error('the answer was lost');
          return settled;
        },
      }),
    });
    await bench.until('a', 'succeeded');
    await worker.drain();
    expect(calls).toBe(2);
    expect(heard.at(-1)).toContain('"state":"succeeded"');
    expect((await statusCopy(bench.hot, 'a'))?.job.state ?? 'succeeded').toBe('succeeded');
  });
});

describe('the end of a job', () => {
  it('is told whole, and its stream is not read for that', async () => {
    const heard: LiveMessage[] = [];
    bench.hot.subscribe('job:a', (text) => void heard.push(JSON.parse(text) as LiveMessage));
    await bench.accept('a');
    let isSettled = false;
    let readings = 0;
    const worker = bench.start({
      model: writer(),
      runs: (runs) => ({
        async settle(lease, ending) {
          const settled = await runs.settle(lease, ending);
          isSettled = true;
          return settled;
        },
        async events(id, after, limit) {
          if (isSettled) readings += 1;
          return await runs.events(id, after, limit);
        },
      }),
    });
    await bench.until('a', 'succeeded');
    await worker.drain();
    expect(readings).toBe(0);
    const told = heard.flatMap((message) => (message.type === 'events' ? message.events : []));
    // What stands before its beginning was told by nobody who works on it.
    expect(told).toEqual((await bench.events('a')).slice(-told.length));
    expect(told.slice(-2).map(({ type }) => type)).toEqual(['job-ended', 'job-moved']);
    expect((await statusCopy(bench.hot, 'a'))?.progress.eventSeq).toBe(told.at(-1)?.seq);
  });
});

describe('a job whose end is asked for', () => {
  it('is shown as such for as long as its worker takes', async () => {
    await bench.accept('a');
    const held = holdJob({ job: 'a', epoch: 1, record: { ...(await bench.job('a')), version: 2 } });
    held.stop('cancelled');
    held.stop('cancelled');
    expect(held.record).toMatchObject({ cancelAsked: true, version: 3 });
  });
});
