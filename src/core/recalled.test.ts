import { expect, it } from 'vitest';
import { fail, ok, recalled } from './index.ts';

const isText = (value: unknown): value is string => typeof value === 'string';

it('a recorded value that is not what it should be is told with the key of its step', () => {
  expect(recalled(ok('text'), 'a/turn-1/model', isText)).toEqual(ok('text'));
  expect(recalled(ok(7), 'a/turn-1/model', isText)).toMatchObject({
    ok: false,
    failure: { code: 'journal-mismatch', message: expect.stringContaining('a/turn-1/model') },
  });
});

it('a recorded failure is given as it is', () => {
  const failed = fail('tool-failed', 'no');
  expect(recalled(failed, 'k', isText)).toEqual(failed);
});
