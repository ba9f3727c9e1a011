import { expect, it } from 'vitest';
import { newJobId } from './job-id.ts';

it('names every job differently', () => {
  const ids = Array.from({ length: 1000 }, () => newJobId(1_790_000_000_000));
  expect(ids[0]).toMatch(/^job_[0-9a-z]{9}[0-9a-f]{12}$/);
  expect(new Set(ids).size).toBe(ids.length);
});

it('gives jobs names that sort by their time', () => {
  const times = [0, 1, 35, 36, 1_790_000_000_000, 1_790_000_000_001, 36 ** 8 - 1, 36 ** 8];
  const ids = times.map(newJobId);
  expect(ids.toSorted()).toEqual(ids);
});
