import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acceptedJob, ann, given, type JobHouse, openJobHouse } from '../../../test/setup/job-house.ts';
import { defineTeam } from '../../team/index.ts';
import type { JobRequest } from '../desk.ts';
import { readBrief } from './stored-brief.ts';

const writers = defineTeam({
  name: 'writers',
  agents: { writer: { description: 'Writes.', prompt: 'Write.', reads: ['brief.md'], writes: 'text.md' } },
  input: { files: { 'source.md': { tokensMax: 50, required: false } } },
});

let house: JobHouse;
beforeEach(async () => {
  house = await openJobHouse({ teams: [writers] });
});
afterEach(() => house.close());

const request: JobRequest = {
  team: 'writers',
  text: 'Write it.',
  files: { 'source.md': '# Source\n\nWords.\n' },
};

describe('accepting a job', () => {
  it('keeps what was asked for, byte for byte, and its place in line', async () => {
    const job = await acceptedJob(house.desk, { ...request, labels: { topic: 'x' }, priority: 3 });
    expect(job).toMatchObject({
      tenant: 'ann',
      by: 'key-ann',
      team: 'writers',
      digest: writers.digest,
      state: 'queued',
      priority: 3,
      labels: { topic: 'x' },
      patch: null,
    });
    const brief = await readBrief(house.store.runs, house.store.blobs, job.id);
    expect(brief.view.text).toBe('Write it.');
    expect(brief.seeds.find(({ path }) => path === 'source.md')?.text).toBe('# Source\n\nWords.\n');
    const files = given(await house.desk.files(ann, job.id));
    expect(files.map(({ path }) => path)).toEqual(['brief.md', 'source.md']);
    expect(given(await house.desk.status(ann, job.id)).job).toEqual(job);
  });

  it('says what was cut of files that were too long', async () => {
    const accepted = await house.desk.accept(ann, {
      ...request,
      files: { 'source.md': 'A sentence of several words.\n\n'.repeat(100) },
    });
    expect(accepted).toMatchObject({ ok: true, value: { cuts: [{ path: 'source.md', tokensMax: 50 }] } });
  });

  it('takes the same key with the same body for the same job, whether files come as text or bytes', async () => {
    const first = await acceptedJob(house.desk, { ...request, idempotencyKey: 'k' });
    const bytes = new TextEncoder().encode('# Source\n\nWords.\n');
    const again = await house.desk.accept(ann, {
      ...request,
      files: { 'source.md': bytes },
      idempotencyKey: 'k',
    });
    expect(again).toMatchObject({ ok: true, value: { isKnown: true, job: { id: first.id } } });
    const [, ...more] = (await house.desk.list(ann, { limit: 10 })).items;
    expect(more).toEqual([]);
  });

  it('refuses a key that came with another body, and lets another tenant use it', async () => {
    const first = await acceptedJob(house.desk, { ...request, idempotencyKey: 'k' });
    const other = await house.desk.accept(ann, { ...request, text: 'Else.', idempotencyKey: 'k' });
    expect(other).toMatchObject({ ok: false, failures: [{ code: 'key-conflict' }] });
    const bob = await acceptedJob(
      house.desk,
      { ...request, idempotencyKey: 'k' },
      { tenant: 'bob', by: 'b' },
    );
    expect(bob.id).not.toBe(first.id);
  });

  it('knows a request again though its deadline has passed or its team has gone meanwhile', async () => {
    const deadlineAtMs = house.clock.now() + 1_000;
    const late = { ...request, deadlineAtMs, idempotencyKey: 'k' };
    const job = await acceptedJob(house.desk, late);
    house.clock.advance(2_000);
    const { desk } = house.reopen({ teams: [] });
    expect(await desk.accept(ann, late)).toMatchObject({
      ok: true,
      value: { isKnown: true, job: { id: job.id } },
    });
  });

  it('accepts two requests with one key that come at once as one job', async () => {
    const both = await Promise.all(
      [1, 2].map(() => acceptedJob(house.desk, { ...request, idempotencyKey: 'k' })),
    );
    expect(new Set(both.map(({ id }) => id)).size).toBe(1);
  });

  it('tells every mistake at once, one line each, and keeps nothing', async () => {
    const refused = await house.desk.accept(ann, {
      team: 'writers',
      files: { 'other.md': 'x' },
      priority: 1.5,
      deadlineAtMs: 5,
      notBeforeMs: Number.NaN,
      idempotencyKey: 'k'.repeat(256),
      labels: { a: 'x'.repeat(256) },
      model: 'two words',
    });
    const messages = refused.ok ? [] : refused.failures.map(({ code, message }) => `${code}: ${message}`);
    expect(messages.map((message) => message.slice(0, 30))).toEqual([
      'wrong-input: priority is 1.5; ',
      'wrong-input: notBefore is not ',
      'wrong-input: deadlineAt has pa',
      'wrong-input: idempotencyKey mu',
      'wrong-input: labels: names and',
      'wrong-input: model must be the',
      'wrong-input: File other.md is ',
    ]);
    expect(messages.join('')).not.toContain('\n');
    expect((await house.desk.list(ann, { limit: 10 })).items).toEqual([]);
  });

  it('refuses parameters that are nested too deep, with and without an idempotency key', async () => {
    let deep: unknown = 'x';
    for (let level = 0; level < 100_000; level++) deep = [deep];
    for (const terms of [{}, { idempotencyKey: 'k' }]) {
      const params = { deep } as NonNullable<JobRequest['params']>;
      const accepting = await house.desk.accept(ann, { ...request, ...terms, params });
      expect(accepting.ok ? [] : accepting.failures).toMatchObject([
        { code: 'wrong-input', message: expect.stringContaining('deeper than 100 levels') },
      ]);
    }
  });

  it('names the teams there are, and the one that was probably meant', async () => {
    const refused = await house.desk.accept(ann, { ...request, team: 'writer' });
    expect(refused).toMatchObject({ ok: false, failures: [{ code: 'not-found' }] });
    expect(refused.ok ? '' : refused.failures[0].message).toBe(
      'There is no team writer: known are writers. Did you mean writers?',
    );
  });

  it('estimates the same request without keeping anything', async () => {
    const estimating = await house.desk.estimate(ann, request);
    expect(estimating).toMatchObject({ ok: true, value: { cuts: [], budgetMicroUsd: null } });
    expect((await house.desk.list(ann, { limit: 10 })).items).toEqual([]);
  });

  it('is noted in the audit log, once', async () => {
    const job = await acceptedJob(house.desk, { ...request, idempotencyKey: 'k' });
    await acceptedJob(house.desk, { ...request, idempotencyKey: 'k' });
    const { items } = await house.desk.audit(ann, { limit: 10 });
    expect(items).toMatchObject([{ action: 'job.accept', target: job.id, by: 'key-ann', tenant: 'ann' }]);
  });

  it('keeps the definition that the job is finished on', async () => {
    await acceptedJob(house.desk, request);
    expect(await house.store.runs.team(writers.digest)).toMatchObject({ name: 'writers' });
  });
});
