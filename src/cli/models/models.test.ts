import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommandLine } from '../commands.ts';
import { createCapturedIo, openTestDesk, type TestDesk } from '../testing.ts';

let desk: TestDesk;
beforeAll(async () => {
  desk = await openTestDesk();
});
afterAll(async () => await desk.close());

async function listed(typed: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const io = createCapturedIo({ directory: desk.directory, environment });
  const exit = await runCommandLine(['models', ...typed], io);
  return { exit, out: io.stdout(), err: io.stderr() };
}

describe('inspan models', () => {
  it('lists what a model costs, since when that is known and from where', async () => {
    const { out } = await listed(['claude-sonnet-5']);
    expect(out).toMatch(/claude-sonnet-5 +2\.00 +0\.20 +2\.50 +4\.00 +10\.00 +1,000,000 +1,024 +\[\d\]/);
    expect(out).toMatch(/\[\d\] 2026-08, platform\.claude\.com/);
  });

  it('shows the rates of long prompts apart', async () => {
    expect((await listed(['gemini-2.5-pro'])).out).toMatch(/above 200,000 in +2\.50 +0\.25/);
  });

  it('lets a file of prices win, and says where they are from', async () => {
    await desk.write(
      'prices.yaml',
      'anthropic/claude-sonnet-5: { input: 1, output: 4, source: our contract }\n',
    );
    const { out } = await listed(['claude-sonnet-5', '--json'], { INSPAN_PRICES: 'prices.yaml' });
    const own = (JSON.parse(out) as { id: string; inputMicroUsd: number; source: string }[]).find(
      ({ id }) => id === 'anthropic/claude-sonnet-5',
    );
    expect(own).toMatchObject({
      inputMicroUsd: 1_000_000,
      cacheReadMicroUsd: 1_000_000,
      source: 'our contract',
    });
  });

  it.each([
    ['gone.yaml', null, 'INSPAN_PRICES names gone.yaml, which is not there.'],
    ['odd.yaml', 'a: [', 'INSPAN_PRICES names odd.yaml, which is no YAML'],
    ['odd.yaml', 'a/b: { input: 1 }', 'odd.yaml: a/b.output: expected US dollars per million tokens'],
    ['odd.yaml', 'a/b: { input: 1, output: 2, cached: 3 }', 'odd.yaml: a/b has no field cached'],
  ])('says what is wrong with %s %s', async (file, text, said) => {
    if (text !== null) await desk.write(file, text);
    const { exit, err } = await listed([], { INSPAN_PRICES: file });
    expect([exit, err]).toEqual([2, expect.stringContaining(said)]);
  });
});
