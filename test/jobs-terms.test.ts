import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { type Clock, type JobRecord, ok, type Tool } from '../src/core/index.ts';
import { createInspan, defineTeam, type InspanOptions, type Service } from '../src/inspan.ts';
import { createScratchDatabase } from '../src/store/testing.ts';
import { callTool, say, scriptedModel } from '../src/testing.ts';
import { systemClock } from './setup/clock.ts';

const postgres = inject('postgres');
const ann = { tenant: 'ann', by: 'key-ann' };
/** A port on which no Ollama answers. */
const nobody = { OLLAMA_HOST: '127.0.0.1:9' };
const team = defineTeam({
  name: 'solo',
  agents: { writer: { description: 'Writes.', prompt: 'Write it.', writes: 'out.md' } },
  result: { out: 'out.md' },
});

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function openOn(database: string, options: InspanOptions, teams = [team]): Promise<Service> {
  const inspan = createInspan(options);
  const service = await inspan.openService({ database, teams });
  closing.push(async () => {
    await service.close();
    await inspan.close();
  });
  return service;
}

async function scratchFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'inspan-terms-'));
  closing.push(() => rm(folder, { recursive: true }));
  return join(folder, 'jobs.db');
}

async function accepted({ desk }: Service): Promise<string> {
  const accepting = await desk.accept(ann, { team: 'solo', text: 'Write.' });
  if (!accepting.ok) throw new Error(accepting.failures[0].message);
  return accepting.value.job.id;
}

async function until({ store }: Service, id: string, is: (job: JobRecord) => boolean): Promise<JobRecord> {
  for (let looks = 0; looks < 1_500; looks += 1) {
    const job = await store.runs.find(ann.tenant, id);
    if (job !== null && is(job)) return job;
    await systemClock.sleep(10, new AbortController().signal);
  }
  throw new Error(`Job ${id} never came that far`);
}

describe('a job that was accepted where its models could be reached', () => {
  it('is never done by another one where they cannot, but waits for a worker that can reach them', async () => {
    const database = await scratchFile();
    const first = await openOn(database, { environment: { ...nobody, ANTHROPIC_API_KEY: 'key' } });
    const id = await accepted(first);
    await closing.pop()?.();
    const second = await openOn(database, { environment: nobody });
    second.work();
    const job = await until(second, id, ({ failure }) => failure !== null);
    expect(job).toMatchObject({ state: 'queued', failure: { code: 'model-missing' } });
    expect(job.failure?.message).toContain('ANTHROPIC_API_KEY');
  });
});

describe('a job that was accepted where none of its models could be reached', () => {
  it('is done by what runs there, as it was estimated', async () => {
    const service = await openOn(await scratchFile(), { environment: nobody });
    const id = await accepted(service);
    service.work();
    expect(await until(service, id, ({ endedAtMs }) => endedAtMs !== null)).toMatchObject({
      state: 'succeeded',
    });
  });
});

/** Waits until its time is over. */
const pause: Tool = {
  name: 'pause',
  purpose: 'Waits.',
  inputSchema: { type: 'object' },
  effect: 'outside',
  replay: 'never',
  parse: (value) => ok(value),
  run: async (_input, call) => ok({ text: JSON.stringify(await call.wait('go', { timeoutMs: 1_500 })) }),
};
const pausing = defineTeam({
  name: 'solo',
  agents: { writer: { description: 'Writes.', prompt: 'Write it.', writes: 'out.md', tools: [pause] } },
  result: { out: 'out.md' },
});

describe.runIf(postgres !== null)('a worker whose clock is wrong', () => {
  it.each([-300_000, 300_000])('by %i ms waits as long as the store does, parked once', async (wrongMs) => {
    const scratch = await createScratchDatabase(postgres ?? '');
    closing.push(scratch.drop);
    const write = callTool('write_file', { path: 'out.md', content: 'x' });
    const model = scriptedModel([callTool('pause', {}), write, say('Written.')]);
    const clock: Clock = { ...systemClock, now: () => systemClock.now() + wrongMs };
    const service = await openOn(scratch.url, { environment: nobody, model, clock }, [pausing]);
    const id = await accepted(service);
    service.work();
    const job = await until(service, id, ({ endedAtMs }) => endedAtMs !== null);
    expect(job).toMatchObject({ state: 'succeeded', attempts: 2 });
    expect((job.endedAtMs ?? 0) - (job.startedAtMs ?? 0)).toBeGreaterThanOrEqual(1_000);
  });
});
