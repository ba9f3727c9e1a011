import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { contractScript } from '../../../test/setup/simulator-script.ts';
import { type RunningSimulator, startSimulator } from '../../simulator.ts';
import { runCommandLine } from '../commands.ts';
import { type CapturedIo, createCapturedIo, openTestDesk, type TestDesk } from '../testing.ts';

let desk: TestDesk;
beforeAll(async () => {
  desk = await openTestDesk();
});
afterAll(async () => await desk.close());

const honest = { brain: { script: contractScript }, keys: ['sk-a'] };

interface Probing {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
  readonly simulator: RunningSimulator;
}

async function probed(
  typed: readonly string[],
  profile: object = honest,
  more: { readonly environment?: object; readonly begun?: (io: CapturedIo) => void } = {},
): Promise<Probing> {
  const simulator = await startSimulator({ profile });
  onTestFinished(() => simulator.close());
  const environment = { ...simulator.environment, VLLM_BASE_URL: `${simulator.url}/v1`, ...more.environment };
  const io = createCapturedIo({ directory: desk.directory, environment });
  more.begun?.(io);
  const exit = await runCommandLine(['probe', ...typed], io);
  return { exit, out: io.stdout(), err: io.stderr(), simulator };
}

function linesThat(state: string, out: string): readonly string[] {
  return out.split('\n').filter((line) => line.startsWith(state));
}

describe('inspan probe', () => {
  it.each(['anthropic/claude-sonnet-5', 'openai/gpt-6.1-terra', 'openai-chat/gpt-6.1-terra', 'sonnet'])(
    'has a line for every promise that %s keeps, and costs what the provider bills',
    async (model) => {
      const { exit, out, simulator } = await probed([model]);
      expect([exit, linesThat('broken', out)]).toEqual([0, []]);
      expect(linesThat('kept', out)).toHaveLength(12);
      expect(linesThat('left out', out)).toHaveLength(2);
      const { costMicroUsd } = simulator.accounts().total;
      expect(out).toContain(`12 kept, 0 broken, 2 left out. It cost $${(costMicroUsd / 1e6).toFixed(4)}.`);
    },
  );

  it('asks a local model for nothing that it need not have', async () => {
    const { exit, out } = await probed(['ollama/qwen3:8b']);
    expect(exit).toBe(0);
    expect(out).toMatch(/left out {2}a wrong key .*: no key is sent/);
    expect(out).toMatch(/left out {2}a long prefix .*: nothing is known of a prompt cache/);
    expect(out).toContain('ollama/qwen3:8b: 10 kept, 0 broken, 4 left out. It cost $0.');
  });

  it('says why a promise is broken, and answers with 1', async () => {
    const deaf = { brain: { script: [{ say: 'Hello, world.' }] } };
    const { exit, out } = await probed(['anthropic/claude-sonnet-5'], deaf);
    expect(exit).toBe(1);
    expect(out).toMatch(/^broken {4}it calls a tool, .*: it was to call the tool look$/m);
    expect(out).toMatch(/^broken {4}an answer that reaches the output limit says so: it stopped with done$/m);
    // At an address of one's own any key may do.
    expect(out).toMatch(/^left out {2}a wrong key is refused .*: this endpoint accepts any key$/m);
  });

  it('asks a simulator for nothing that its offline model cannot do', async () => {
    const { exit, out } = await probed(['anthropic/claude-sonnet-5'], {});
    expect([exit, linesThat('broken', out)]).toEqual([0, []]);
  });

  it('says in a line that there is no such model', async () => {
    const { exit, out, err } = await probed(['anthropic/claude-sonnet-0']);
    expect([exit, out, err.split('\n')]).toEqual([2, '', [expect.stringContaining('claude-sonnet-0'), '']]);
  });

  it('stops before the money cap could be exceeded', async () => {
    const { exit, out, simulator } = await probed(['anthropic/claude-sonnet-5', '--usd', '0.012']);
    expect(exit).toBe(0);
    expect(out).toMatch(/^left out .*: The next call may cost up to \$/m);
    expect(out).toMatch(/^left out .*: the money cap is reached$/m);
    expect(simulator.accounts().total.costMicroUsd).toBeLessThanOrEqual(12_000);
    expect(simulator.accounts().total.requests.answered).toBeGreaterThan(0);
  });

  it('asks once where nobody lets it in, and says so in a line', async () => {
    const { exit, out, err, simulator } = await probed(
      ['openai/gpt-6.1-terra'],
      { keys: ['sk-b'] },
      {
        environment: { OPENAI_API_KEY: 'sk-c' },
      },
    );
    expect([exit, out, err]).toEqual([
      2,
      '',
      'inspan: openai/gpt-6.1-terra does not accept the key. Check OPENAI_API_KEY.\n',
    ]);
    expect(simulator.accounts().total.requests.refused).toEqual({ 'bad-key': 1 });
  });

  it('prints one JSON document where it is asked to', async () => {
    const { out } = await probed(['openai/gpt-6.1-terra', '--json']);
    const report = JSON.parse(out) as { readonly promises: readonly object[] };
    expect(report).toMatchObject({ model: 'openai/gpt-6.1-terra', kept: 12, broken: 0, leftOut: 2 });
    expect(report.promises[0]).toEqual({
      promise: 'it says that it has begun before it says anything, and its texts join to the reply',
      state: 'kept',
      why: null,
    });
  });

  it('keeps no cap it cannot keep: a model without a known price is refused with --usd, and asked without', async () => {
    const capped = await probed(['vllm/qwen3:8b', '--usd', '1']);
    expect([capped.exit, capped.err]).toEqual([2, expect.stringContaining('so --usd cannot be kept')]);
    expect(capped.simulator.accounts().total.requests.answered).toBe(0);
    const { exit, out } = await probed(['vllm/qwen3:8b']);
    expect([exit, out]).toEqual([0, expect.stringContaining('It cost what nobody knows.')]);
  });

  it('is stopped by Ctrl-C, and asks nothing more', async () => {
    const { exit, out, simulator } = await probed(['anthropic/claude-sonnet-5'], honest, {
      begun: (io) => io.interrupt(),
    });
    expect([exit, linesThat('left out', out)]).toEqual([130, expect.objectContaining({ length: 14 })]);
    expect(simulator.accounts().total.requests.answered).toBe(0);
  });
});
