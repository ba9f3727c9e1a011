import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommandLine } from './commands.ts';
import { createCapturedIo, openTestDesk, type TestDesk } from './testing.ts';

interface Mistake {
  readonly typed: readonly string[];
  /** What stands on standard error, line by line, without the leading `inspan: `. */
  readonly said: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

const source = ['--file', 'source.md'];
const run = ['run', 'kit', ...source];

const mistakes: readonly Mistake[] = [
  {
    typed: ['rum', 'kit'],
    said: [
      'There is no command "rum". Did you mean run? Commands: init, check, run, serve, worker, jobs, keys, store, migrate, models, probe, sim, help.',
    ],
  },
  { typed: ['kit'], said: ['"kit" is a folder. To run it as a team: inspan run kit'] },
  {
    typed: ['evaluate'],
    said: [
      'There is no command "evaluate". Commands: init, check, run, serve, worker, jobs, keys, store, migrate, models, probe, sim, help.',
    ],
  },
  {
    typed: ['help', 'chekc'],
    said: [
      'There is no command "chekc". Did you mean check? Commands: init, check, run, serve, worker, jobs, keys, store, migrate, models, probe, sim, help.',
    ],
  },
  {
    typed: ['--json', 'run', 'kit'],
    said: ['--json stands before the command. Write inspan <command> first, then its options.'],
  },
  { typed: ['sim', '--'], said: ['sim has nothing behind --: write -- <command>, or leave -- out.'] },
  { typed: ['run'], said: ['run needs the folder of a team: inspan run <team>'] },
  { typed: ['check'], said: ['check needs the folder of a team: inspan check <team>'] },
  {
    typed: ['run', 'kit', 'source.md'],
    said: [
      '"source.md" is one word too many: inspan run <team>. Files are brought with --file <name>=<path>.',
    ],
  },
  { typed: ['check', 'kit', 'other'], said: ['"other" is one word too many: inspan check <team>.'] },
  {
    typed: ['run', 'kit', '--fil', 'source.md', '--parm=x'],
    said: [
      'run has no option --fil. Did you mean --file? See: inspan help run',
      'run has no option --parm. Did you mean --param? See: inspan help run',
    ],
  },
  { typed: ['check', 'kit', '-x'], said: ['check has no option -x. See: inspan help check'] },
  { typed: ['run', 'kit', '--file'], said: ['--file has no value: write --file <name>=<path>.'] },
  {
    typed: ['run', 'kit', '--file', '--json'],
    said: ['--file has no value: write --file <name>=<path>, or --file=--json if --json is meant.'],
  },
  { typed: [...run, '--out='], said: ['--out has no value: write --out <folder>.'] },
  { typed: [...run, '--json=yes'], said: ['--json takes no value: write --json alone.'] },
  { typed: [...run, '--out', 'a', '--out', 'b'], said: ['--out is given twice: give it once.'] },
  {
    typed: ['run', 'kti', ...source],
    said: [
      'kti is not there. A team is a folder with agents/*.md in it, one file an agent; make one with: inspan init kti',
    ],
  },
  {
    typed: ['check', 'source.md'],
    said: [
      'source.md is a file. A team is a folder with agents/*.md in it, one file an agent; make one with: inspan init source-team',
    ],
  },
  {
    typed: ['run', 'kit'],
    said: [
      'File source.md is missing: this team works on it. Bring a file of that name, as --file source.md=<path> does.',
    ],
  },
  {
    typed: ['run', 'kit', '--file', 'source.md=gone.md'],
    said: [
      '--file source.md=gone.md: there is no file gone.md. Check the path; it is taken from the current folder.',
    ],
  },
  {
    typed: ['run', 'kit', '--file', 'source.md=kit'],
    said: ['--file source.md=kit: kit is a folder. Give one file; repeat --file for more.'],
  },
  {
    typed: ['run', 'kit', '--file', 'source.md='],
    said: [
      '--file source.md=: write --file <name>=<path>.',
      'File source.md is missing: this team works on it. Bring a file of that name, as --file source.md=<path> does.',
    ],
  },
  {
    typed: [...run, '--file', 'notes.md=source.md'],
    said: ['File notes.md is not one of this team’s. It takes: source.md.'],
  },
  {
    typed: [...run, '--file', 'source.md=source.md'],
    said: ['File source.md is given twice: give it once.'],
  },
  {
    typed: ['run', 'kit', '--file', 'source.md=empty.md'],
    said: ['File source.md is empty: bring one with content.'],
  },
  { typed: [...run, '--param', 'tone'], said: ['--param tone: write --param <name>=<value>.'] },
  {
    typed: [...run, '--param', 'tone=dry', '--param', 'tone=wry'],
    said: ['Parameter tone is given twice: give it once.'],
  },
  {
    typed: [...run, '--param', 'tune=dry'],
    said: ['Parameter tune is not one of this team’s. It takes: platforms, tone, length.'],
  },
  {
    typed: [...run, '--brief', '@gone.txt'],
    said: [
      '--brief @gone.txt: there is no file gone.txt. Check the path; it is taken from the current folder.',
    ],
  },
  {
    typed: [...run, '--brief', '@empty.md'],
    said: ['--brief @empty.md: this is empty. Say what is asked for, or leave --brief out.'],
  },
  {
    typed: ['run', 'kit', '--brief', '-', '--file', 'source.md=-'],
    said: ['Standard input is asked for 2 times: it can be read once.'],
  },
  { typed: [...run, '--out', 'kit'], said: ['--out kit is not empty: choose another --out or empty it.'] },
  { typed: [...run, '--out', 'source.md'], said: ['--out source.md is no folder: choose another --out.'] },
  {
    typed: [...run, '--model', 'anthropic/claude-sonnet-5'],
    said: ['anthropic/claude-sonnet-5 needs a key: set ANTHROPIC_API_KEY, or choose another model.'],
  },
  {
    typed: run,
    environment: { INSPAN_MODEL: 'gpt' },
    said: ['INSPAN_MODEL is gpt: write provider/name, for example anthropic/claude-sonnet-5, or offline.'],
  },
  { typed: ['probe'], said: ['probe needs a model, provider/name: inspan probe <model>'] },
  {
    typed: ['probe', 'anthropic/claude-sonnet-5', '--usd', 'much'],
    said: ['--usd is much: write an amount of US dollars above 0, such as 0.1.'],
  },
  {
    typed: ['probe', 'anthropic/claude-sonnet-5'],
    said: ['anthropic/claude-sonnet-5 needs a key: set ANTHROPIC_API_KEY, or choose another model.'],
  },
  { typed: ['probe', 'offline'], said: ['offline is no provider’s model: there is no endpoint to probe.'] },
  { typed: ['sim', '--port', '99999'], said: ['--port is 99999: write a number from 0 to 65535.'] },
  { typed: ['init', 'source.md'], said: ['source.md is a file: name a folder.'] },
];

describe('a mistake on the command line', () => {
  let desk: TestDesk;
  beforeAll(async () => {
    desk = await openTestDesk();
    await desk.write('empty.md', ' \n');
    await desk.write('broken/agents/a.md', '---\nname: a\neffort: great\n---\nWrite.\n');
    await desk.write('broken/team.yaml', 'agnts: {}\npattern: circus\n');
    await desk.write('templates/team/agents/a.md', '---\nname: a\n---\nWrite.\n');
    await desk.write('schema/team.schema.json', '{}');
  });
  afterAll(() => desk.close());

  it.each(mistakes)(
    'costs a line and exit code 2, and writes nothing: $typed',
    async ({ typed, said, environment }) => {
      const before = await desk.everything();
      const io = createCapturedIo({
        directory: desk.directory,
        input: 'x',
        ...(environment === undefined ? {} : { environment }),
      });
      expect(await runCommandLine(typed, io)).toBe(2);
      expect(io.stderr().split('\n').slice(0, -1)).toEqual(said.map((line) => `inspan: ${line}`));
      expect(io.stdout()).toBe('');
      expect(await desk.everything()).toEqual(before);
    },
  );

  it('comes with all the others, those of the brief and the folder too', async () => {
    const typed = [
      'run',
      'kit',
      '--file',
      'gone.md',
      '--param',
      'tune=1',
      '--param',
      'length=long',
      '--out',
      'kit',
    ];
    const io = createCapturedIo({ directory: desk.directory });
    expect(await runCommandLine(typed, io)).toBe(2);
    const lines = io.stderr().trim().split('\n');
    expect(lines).toHaveLength(4);
    for (const word of ['gone.md', '--out kit', 'tune', 'length is']) {
      expect(
        lines.filter((line) => line.includes(word)),
        word,
      ).toHaveLength(1);
    }
  });

  it('in a team is named with the file as it is found from here, and its line', async () => {
    const io = createCapturedIo({ directory: desk.directory });
    expect(await runCommandLine(['run', 'broken', '--brief', 'go'], io)).toBe(2);
    expect(io.stderr()).toMatch(/^inspan: broken\/agents\/a\.md:3: /m);
    expect(io.stderr()).toMatch(/^inspan: broken\/team\.yaml:2: /m);
    expect(io.stderr()).not.toContain(desk.directory);
  });

  it('brings no escape sequences to the terminal', async () => {
    const io = createCapturedIo({ directory: desk.directory });
    expect(await runCommandLine(['check', 'a\u001B[31m\u0007b'], io)).toBe(2);
    expect(io.stderr()).not.toContain('\u001B');
    expect(io.stderr()).not.toContain('\u0007');
  });
});
