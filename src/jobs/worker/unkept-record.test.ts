import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, openBench } from '../../../test/setup/worker.ts';
import { noUsage, type RunStore, StorageError } from '../../core/index.ts';
import { callTool, say, scriptedModel } from '../../models/testing.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(async () => {
  await bench.close();
});

describe('a record that cannot be kept', () => {
  it('is of nothing that anybody was told: the call is made again, and told once', async () => {
    const gate = Promise.withResolvers<void>();
    let state: 'well' | 'failing' | 'mended' = 'well';
    const failing = ({ append }: RunStore): Partial<RunStore> => ({
      async append(lease, record) {
        if (state === 'well' && record.type === 'done' && record.key.endsWith('/model')) state = 'failing';
        if (state !== 'failing') return await append(lease, record);
        await gate.promise;
        // What was handed in meanwhile is not kept either, as the store promises.
        setImmediate(() => {
          state = 'mended';
        });
        throw new StorageError('The disk is away', 'undone', null);
      },
    });
    // Somebody listens, so events are told as soon as they may be.
    bench.hot.subscribe('job:a', () => {});
    await bench.accept('a');
    // Each answer costs something else: told twice, they would be two events.
    const write = callTool('write_file', { path: 'out.md', content: 'Written.' });
    const usageOf = (outputTokens: number) => ({ usage: { ...noUsage, outputTokens } });
    const model = scriptedModel([
      { ...write, ...usageOf(1) },
      { ...write, ...usageOf(2) },
      say('Done.', usageOf(3)),
    ]);
    bench.start({ model, runs: failing });
    await expect
      .poll(async () => (await bench.events('a')).map(({ type }) => type))
      .toContain('agent-started');
    gate.resolve();
    expect(await bench.until('a', 'ended')).toMatchObject({ state: 'succeeded', attempts: 2 });
    expect(model.requests).toHaveLength(3);
    const calls = (await bench.events('a')).filter((event) => event.type === 'model-called');
    expect(calls.map(({ key, usage }) => [key, usage.outputTokens])).toEqual([
      ['writer/turn-1', 2],
      ['writer/turn-2', 3],
    ]);
  });
});
