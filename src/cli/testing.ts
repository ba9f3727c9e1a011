import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Model } from '../core/index.ts';
import { createInspan } from '../inspan.ts';
import { exitCodes, type Io, type Screen } from './io.ts';

/** The process that a command believes it runs in: what it prints is kept, what it is given is chosen. */
export interface CapturedIo extends Io {
  /** All that was printed so far. */
  stdout(): string;
  /** All that was complained so far. */
  stderr(): string;
  /** Presses Ctrl-C. */
  interrupt(): void;
}

/** What a captured process is made of. */
export interface CapturedOptions {
  readonly directory: string;
  readonly packageDirectory?: string;
  /** Default: the offline model and nothing else. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Answers for all agents, whatever the environment says. */
  readonly model?: Model;
  readonly input?: string;
  readonly screen?: Screen;
}

/** Makes a process of its own for one command: no time passes in it, and its jobs are numbered. */
export function createCapturedIo(options: CapturedOptions): CapturedIo {
  const { directory, model, input = '', screen = null } = options;
  const [printed, complained]: [string[], string[]] = [[], []];
  const cancelling = new AbortController();
  let jobs = 0;
  return {
    directory,
    packageDirectory: options.packageDirectory ?? directory,
    environment: options.environment ?? { INSPAN_MODEL: 'offline' },
    clock: stillClock,
    screen,
    print: (text) => void printed.push(text),
    complain: (text) => void complained.push(text),
    readInput: async () => new TextEncoder().encode(input),
    listenForInterrupt: () => ({
      signal: cancelling.signal,
      exitCode: () => exitCodes.interrupted,
      release: () => {},
    }),
    newId: () => `job_${++jobs}`,
    // An outage in a script is told once: nobody waits here for it to pass.
    createInspan: (settings) =>
      createInspan({ ...settings, attemptsMax: 1, ...(model === undefined ? {} : { model }) }),
    stdout: () => printed.join(''),
    stderr: () => complained.join(''),
    interrupt: () => cancelling.abort(),
  };
}

/** Who sleeps here wakes only when called. */
const stillClock: Io['clock'] = Object.freeze({
  now: () => 0,
  sleep: (_ms: number, signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    }),
});

/** A folder of its own for a test, with a small team in it. */
export interface TestDesk {
  readonly directory: string;
  write(path: string, text: string): Promise<void>;
  read(path: string): Promise<string>;
  /** Every file and folder by path, with its text: equal when nothing was written. */
  everything(): Promise<Readonly<Record<string, string>>>;
  close(): Promise<void>;
}

const kit: Readonly<Record<string, string>> = Object.freeze({
  'kit/AGENTS.md': '# House rules\n\nWrite plain English.\n',
  'kit/agents/extractor.md':
    '---\nname: extractor\ndescription: Extracts insights.\nskills: extract\n---\nYou extract insights.\n',
  'kit/agents/x-writer.md': '---\nname: x-writer\ndescription: Writes a post.\n---\nYou write one post.\n',
  'kit/agents/reviewer.md':
    '---\nname: reviewer\ndescription: Reviews.\n---\nYou review. Since 2026-11-02.\n',
  'kit/skills/extract/SKILL.md':
    '---\nname: extract\ndescription: How to extract insights.\n---\nTake what is new.\n',
  'kit/team.yaml': `input:
  files: { source.md: { tokensMax: 300 } }
  params:
    platforms: { type: array, items: { enum: [x, blog] } }
    tone: { type: string }
    length: { type: integer }
agents:
  extractor: { reads: [source.md], writes: insights.md, model: small }
  x-writer: { reads: [brief.md, insights.md], writes: drafts/x.md, when: x in platforms and tone is not formal }
  reviewer: { reads: [brief.md, source.md, drafts/], writes: review.md, last: true }
models: { small: [ollama/qwen3:8b], default: [anthropic/claude-sonnet-5, openai/gpt-6.1-terra] }
budget: { usd: 0.50 }
result: { insights: insights.md, drafts: drafts/*.md, review: review.md }
`,
  'source.md':
    '# Harness\n\nA harness runs agents. It keeps what they write.\n\n## Cost\n\nEvery token counts.\n',
});

/** Opens a desk; it is gone once closed. */
export async function openTestDesk(): Promise<TestDesk> {
  const directory = await mkdtemp(join(tmpdir(), 'inspan-cli-'));
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  };
  for (const [path, text] of Object.entries(kit)) await write(path, text);
  return {
    directory,
    write,
    read: async (path) => await readFile(join(directory, path), 'utf8'),
    everything: async () => await readAll(directory),
    close: async () => await rm(directory, { recursive: true, force: true }),
  };
}

async function readAll(directory: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const read = entries.map(async (entry): Promise<[string, string]> => {
    const path = join(entry.parentPath, entry.name);
    const text = entry.isFile() ? await readFile(path, 'utf8') : '(folder)';
    return [path.slice(directory.length + 1), text];
  });
  const all = await Promise.all(read);
  return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
}
