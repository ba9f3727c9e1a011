import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createClient } from '../src/client/index.ts';
import type { Model } from '../src/core/index.ts';
import { createInspan, defineTeam } from '../src/inspan.ts';
import { say, scriptedModel } from '../src/testing.ts';

const team = defineTeam({
  name: 'solo',
  agents: { writer: { description: 'Writes.', prompt: 'Write it.', writes: 'out.md' } },
  result: { out: 'out.md' },
});

/** A model that is asked and does not answer before `answer` is called. */
function stuckModel() {
  const asked = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  const inner = scriptedModel(() => say('Written.'));
  const model: Model = {
    ...inner,
    async *stream(request, signal) {
      asked.resolve();
      await answered.promise;
      yield* inner.stream(request, signal);
    },
  };
  return { model, asked: asked.promise, answer: answered.resolve };
}

it('while its workers drain, a server answers polls and takes no new jobs', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'inspan-drain-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const { model, asked, answer } = stuckModel();
  const inspan = createInspan({ environment: {}, model });
  onTestFinished(() => inspan.close());
  const service = await inspan.openService({ database: join(folder, 'jobs.db'), teams: [team] });
  const worker = service.work();
  const { url } = await service.serve({ port: 0 });
  const client = createClient({ url, patienceMs: 0 });
  const { id } = await client.jobs.create({ team: 'solo', text: 'Write.' });
  await asked;
  const closed = service.close();
  expect((await client.jobs.get(id)).state).toBe('running');
  expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ status: 'draining' });
  const refused = client.jobs.create({ team: 'solo', text: 'Write.' });
  await expect(refused).rejects.toMatchObject({ status: 503, code: 'draining', retryAfterMs: 2_000 });
  answer();
  await closed;
  expect(worker.held()).toBe(0);
  await expect(fetch(`${url}/readyz`)).rejects.toThrow('fetch failed');
});
