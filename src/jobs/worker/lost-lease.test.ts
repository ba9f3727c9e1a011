import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Bench, openBench } from '../../../test/setup/worker.ts';
import { gatedWriter, writer } from '../../../test/setup/worker-models.ts';
import { ok, type RunStore } from '../../core/index.ts';
import { type Gate, neverAnswer, scriptedModel } from '../../models/testing.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(async () => {
  await bench.close();
});

/** A short lease: nobody waits here until a dead worker is missed. */
const leaseMs = 400;

describe('a worker that lost its lease', () => {
  it('writes nothing more, and goes on under another name', async () => {
    await bench.accept('a');
    const gate = gatedWriter(2);
    bench.start({ id: 'first', model: gate.model, leaseMs });
    await gate.asked;
    await bench.store.runs.retire('first');
    const records = await bench.store.runs.records('a');
    const other = bench.start({ id: 'other', model: scriptedModel([neverAnswer()]), concurrency: 1 });
    await bench.until('a', 'running');
    gate.open();
    await bench.accept('b');
    expect(await bench.until('b', 'succeeded')).toMatchObject({ state: 'succeeded' });
    const { epoch } = await bench.job('a');
    const later = (await bench.store.runs.records('a')).slice(records.length);
    expect(later.filter((step) => step.epoch !== epoch)).toEqual([]);
    expect(bench.problems).toEqual([expect.stringContaining('goes on under another name')]);
    await other.close();
    expect(await bench.until('a', 'succeeded')).toMatchObject({ state: 'succeeded' });
  });

  it.each([
    ['before it heard that the question was kept', 'append'],
    ['on its way to the model', 'gate'],
  ])('asks no model what another one was told while it was frozen %s', async (_, place) => {
    await bench.accept('a');
    const thaw = Promise.withResolvers<void>();
    const frozen = ({ append, beat }: RunStore): Partial<RunStore> => ({
      async append(lease, record) {
        const kept = await append(lease, record);
        if (place === 'append' && record.type === 'started') await thaw.promise;
        return kept;
      },
      async beat(name) {
        await thaw.promise;
        return await beat(name);
      },
    });
    const gate: Gate = {
      async enter() {
        if (place === 'gate') await thaw.promise;
        return ok({ see: (event) => event, leave() {} });
      },
    };
    const model = writer();
    const worker = bench.start({ id: 'frozen', model, leaseMs, runs: frozen, gates: [gate] });
    await bench.until('a', 'running');
    bench.start({ id: 'other', model: writer() });
    await bench.until('a', 'succeeded');
    thaw.resolve();
    await vi.waitFor(() => expect(worker.held()).toBe(0));
    expect(model.requests).toEqual([]);
  });

  it('goes on in doubt where the store says that nobody else has the job', async () => {
    await bench.accept('a');
    let beats = 0;
    const doubtful = Promise.withResolvers<void>();
    let asked = 0;
    const unheard = ({ beat, find }: RunStore): Partial<RunStore> => ({
      async find(...whose) {
        asked += 1;
        return await find(...whose);
      },
      async beat(name) {
        await beat(name);
        beats += 1;
        // Three come in a lease, and the worker has heard of none.
        if (beats === 3) doubtful.resolve();
        throw new Error('the answer was lost');
      },
    });
    const slow: Gate = {
      async enter() {
        await doubtful.promise;
        return ok({ see: (event) => event, leave() {} });
      },
    };
    const model = writer();
    bench.start({ model, leaseMs, runs: unheard, gates: [slow] });
    expect(await bench.until('a', 'succeeded')).toMatchObject({ attempts: 1 });
    expect(model.requests).toHaveLength(2);
    expect(asked).toBeGreaterThanOrEqual(2);
  });

  it('gives back a job whose claim it never heard of', async () => {
    await bench.accept('a');
    let isLost = false;
    const claimLosing = ({ claim }: RunStore): Partial<RunStore> => ({
      async claim(worker, want) {
        const claims = await claim(worker, want);
        if (isLost || claims.length === 0) return claims;
        isLost = true;
        throw new Error('the connection was cut');
      },
    });
    bench.start({ model: writer(), leaseMs, runs: claimLosing });
    expect(await bench.until('a', 'succeeded')).toMatchObject({ attempts: 2 });
  });
});
