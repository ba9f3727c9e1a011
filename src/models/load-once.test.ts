import { expect, it } from 'vitest';
import { loadOnce } from './load-once.ts';

it('code is loaded once; a load that failed says why and is tried again', async () => {
  let loads = 0;
  const loaded = loadOnce('acme/model', async () => {
    loads += 1;
    if (loads === 1)
      throw Object.assign(new Error('No package; key sk-x\nof /home/me'), { code: 'ERR_MODULE_NOT_FOUND' });
    return 'code';
  });
  const refused = await loaded();
  expect(refused).toMatchObject({
    ok: false,
    failure: { code: 'wrong-config', message: expect.stringContaining('(ERR_MODULE_NOT_FOUND)') },
  });
  expect(JSON.stringify(refused)).not.toMatch(/sk-x|home/);
  expect([await loaded(), await loaded(), loads]).toEqual([
    { ok: true, value: 'code' },
    { ok: true, value: 'code' },
    2,
  ]);
});
