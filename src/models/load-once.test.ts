import { expect, it } from 'vitest';
import { loadOnce } from './load-once.ts';

it('code is loaded once; a load that failed says why and is tried again', async () => {
  let loads = 0;
  const loaded = loadOnce('acme/model', async () => {
    loads += 1;
    if (loads === 1) throw new Error('Cannot find package');
    return 'code';
  });
  expect(await loaded()).toMatchObject({
    ok: false,
    failure: { code: 'wrong-config', message: expect.stringContaining('Cannot find package') },
  });
  expect([await loaded(), await loaded(), loads]).toEqual([
    { ok: true, value: 'code' },
    { ok: true, value: 'code' },
    2,
  ]);
});
