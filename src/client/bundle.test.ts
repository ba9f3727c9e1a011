import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { expect, it } from 'vitest';

it('the client is one module for browsers: it imports nothing, of Node or of anybody', async () => {
  const bundle = await rolldown({ input: join(import.meta.dirname, 'index.ts'), platform: 'browser' });
  const { output } = await bundle.generate({ format: 'esm' });
  await bundle.close();
  expect(output).toHaveLength(1);
  const [{ imports, dynamicImports, code, modules }] = output;
  expect([...imports, ...dynamicImports]).toEqual([]);
  expect(code).not.toMatch(/\b(?:process|Buffer|require|__dirname|global)\b/);
  const rooms = Object.keys(modules).filter((path) => !path.includes('/src/client/'));
  expect(rooms).toEqual([]);
  // A page may carry it: before anybody minifies it.
  expect(code.length).toBeLessThan(32 * 1024);
});
