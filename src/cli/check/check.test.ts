import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSimulator } from '../../simulator.ts';
import { runCommandLine } from '../commands.ts';
import { type CapturedIo, createCapturedIo, openTestDesk, type TestDesk } from '../testing.ts';

let desk: TestDesk;
beforeEach(async () => {
  desk = await openTestDesk();
});
afterEach(() => desk.close());

async function check(
  typed: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly io: CapturedIo }> {
  const io = createCapturedIo({ directory: desk.directory, environment });
  return { code: await runCommandLine(['check', ...typed], io), io };
}

interface Document {
  readonly ok: boolean;
  readonly agents: readonly {
    readonly name: string;
    readonly chain: readonly string[];
    readonly tokens: Readonly<Record<string, number>>;
  }[];
  readonly warnings: readonly { readonly message: string; readonly file: string; readonly line: number }[];
  readonly notes: readonly unknown[];
}

describe('inspan check', () => {
  it('shows who the team is, and what each agent reads, writes and runs on', async () => {
    const { code, io } = await check(['kit']);
    expect({ code, stderr: io.stderr() }).toEqual({ code: 0, stderr: '' });
    const lines = io.stdout().split('\n');
    expect(lines[0]).toMatch(/^kit: supervisor led by lead, 4 agents, digest [0-9a-f]{12}$/);
    expect(lines).toContain('  extractor  source.md → insights.md');
    expect(lines).toContain(
      '  x-writer   brief.md, insights.md → drafts/x.md       when x in platforms and tone is not formal',
    );
    expect(lines).toContain('  reviewer   brief.md, source.md, drafts/ → review.md  last');
    expect(io.stdout()).toMatch(
      /^ {2}extractor +small = ollama\/qwen3:8b +list_files, read_file, write_file/m,
    );
    expect(io.stdout()).toMatch(
      /^ {2}lead +default = anthropic\/claude-sonnet-5, then openai\/gpt-6\.1-terra +list_files, delegate$/m,
    );
  });

  it('bills every agent by part, and the total is the sum', async () => {
    const { io } = await check(['kit', '--json']);
    const { agents } = JSON.parse(io.stdout()) as Document;
    expect(agents.map(({ name }) => name)).toEqual(['lead', 'extractor', 'x-writer', 'reviewer']);
    for (const { tokens } of agents) {
      const { total = 0, ...parts } = tokens;
      expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBe(total);
    }
    expect(agents[1]?.tokens['skill']).toBeGreaterThan(0);
    expect(agents[2]?.tokens['skill']).toBe(0);
  });

  it('names file, line and value of what would break a prompt cache', async () => {
    const { io } = await check(['kit']);
    const warnings = io
      .stdout()
      .split('\n')
      .filter((line) => line.startsWith('warning: '));
    expect(warnings).toEqual([
      'warning: kit/agents/reviewer.md:5: the date 2026-11-02 stands in text that is sent first in every request: ' +
        'when it changes, no prompt cache holds. Move it to the brief.',
    ]);
    expect(io.stdout()).toContain('\n1 warning.\n');
  });

  it('finds values of the environment in prompts, and never shows them', async () => {
    await desk.write('kit/AGENTS.md', 'Rules\n\nThe deployment is swift-otter-42.\n');
    const { io } = await check(['kit'], { DEPLOYMENT: 'swift-otter-42' });
    expect(io.stdout()).toContain('warning: kit/AGENTS.md:3: the value of DEPLOYMENT stands in');
    expect(io.stdout()).not.toContain('swift-otter-42');
  });

  it('says once for each agent that its static part is too short to be cached', async () => {
    const { io } = await check(['kit']);
    const notes = io
      .stdout()
      .split('\n')
      .filter((line) => line.startsWith('note: '));
    expect(notes).toHaveLength(3);
    for (const note of notes) {
      expect(note).toMatch(
        /^note: [a-z-]+ has about \d+ static tokens; anthropic\/claude-sonnet-5 caches from 1,024 on\.$/,
      );
    }
  });

  it('passes with warnings, unless it is strict', async () => {
    expect((await check(['kit'])).code).toBe(0);
    expect((await check(['kit', '--strict'])).code).toBe(1);
    await desk.write(
      'kit/agents/reviewer.md',
      '---\nname: reviewer\ndescription: Reviews.\n---\nYou review.\n',
    );
    const { code, io } = await check(['kit', '--strict']);
    expect(code, io.stdout()).toBe(0);
    expect(io.stdout()).toContain('\nNo warnings.\n');
  });

  it('gives mistakes as JSON, too, with exit code 2', async () => {
    await desk.write('kit/team.yaml', 'pattern: circus\n');
    const { code, io } = await check(['kit', '--json']);
    expect({ code, stderr: io.stderr() }).toEqual({ code: 2, stderr: '' });
    const { ok, mistakes } = JSON.parse(io.stdout()) as { ok: boolean; mistakes: Document['warnings'] };
    expect(ok).toBe(false);
    expect(mistakes[0]).toMatchObject({ file: 'kit/team.yaml', line: 1 });
  });

  it('says the same as JSON', async () => {
    const { io } = await check(['kit', '--json']);
    const document = JSON.parse(io.stdout()) as Document;
    expect(document).toMatchObject({ ok: true, team: 'kit', pattern: 'supervisor', lead: 'lead' });
    expect(document.warnings).toMatchObject([{ file: 'kit/agents/reviewer.md', line: 5 }]);
    expect(document.agents[0]?.chain).toEqual(['anthropic/claude-sonnet-5', 'openai/gpt-6.1-terra']);
  });

  it('warns of an agent that asks a model for what it cannot do, as a run would refuse it', async () => {
    await desk.write(
      'deep/agents/a.md',
      '---\nname: a\ndescription: Thinks.\nmodel: haiku\neffort: high\n---\nThink.\n',
    );
    const { io } = await check(['deep']);
    expect(io.stdout()).toMatch(
      /warning: a: anthropic\/claude-haiku-4-5 does not know effort: set thinkingTokens /,
    );
    const environment = { ANTHROPIC_API_KEY: 'none' };
    const run = createCapturedIo({ directory: desk.directory, environment });
    expect(await runCommandLine(['run', 'deep', '--brief', 'Think.'], run)).toBe(2);
    expect(run.stderr()).toContain('a: anthropic/claude-haiku-4-5 does not know effort');
  });

  it('asks providers for exact tokens with --exact, and says where nobody can be asked', async () => {
    const simulator = await startSimulator();
    try {
      const { code, io } = await check(['kit', '--exact', '--json'], simulator.environment);
      const { agents, notes } = JSON.parse(io.stdout()) as {
        agents: { name: string; tokens: { total: number }; exactTokens: number | null }[];
        notes: { message: string }[];
      };
      expect(code).toBe(0);
      const writer = agents.find(({ name }) => name === 'x-writer');
      // The provider adds a prompt of its own where there are tools.
      expect(writer?.exactTokens).toBeGreaterThan(writer?.tokens.total ?? Number.POSITIVE_INFINITY);
      expect(agents.find(({ name }) => name === 'extractor')?.exactTokens).toBeNull();
      expect(notes.map(({ message }) => message)).toContain(
        'extractor: ollama/qwen3:8b cannot be asked for exact tokens.',
      );
    } finally {
      await simulator.close();
    }
  });
});
