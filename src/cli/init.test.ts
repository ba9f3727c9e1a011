import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommandLine } from './commands.ts';
import { type CapturedIo, createCapturedIo, openTestDesk, type TestDesk } from './testing.ts';

let desk: TestDesk;
beforeEach(async () => {
  desk = await openTestDesk();
  await desk.write(
    'package/templates/team/team.yaml',
    '# yaml-language-server: $schema=__SCHEMA__\nresult: { a: a.md }\n',
  );
  await desk.write('package/templates/team/agents/a.md', '---\nname: a\ndescription: Writes.\n---\nWrite.\n');
  await desk.write('package/templates/team/README.md', '# A team\n');
  await desk.write('package/schema/team.schema.json', '{"type":"object"}');
});
afterEach(() => desk.close());

async function init(
  ...typed: readonly string[]
): Promise<{ readonly code: number; readonly io: CapturedIo }> {
  const io = createCapturedIo({
    directory: desk.directory,
    packageDirectory: join(desk.directory, 'package'),
  });
  return { code: await runCommandLine(['init', ...typed], io), io };
}

describe('inspan init', () => {
  it('writes a team whose settings know their schema, and says what comes next', async () => {
    const { code, io } = await init('new/team');
    expect(code).toBe(0);
    expect(io.stdout().split('\n')).toEqual([
      'wrote new/team/README.md',
      'wrote new/team/agents/a.md',
      'wrote new/team/team.yaml',
      'wrote new/team/.inspan/team.schema.json',
      '',
      'Next:',
      '  inspan check new/team',
      '  inspan run new/team --file new/team/README.md',
      '',
    ]);
    expect(await desk.read('new/team/team.yaml')).toContain('$schema=./.inspan/team.schema.json\n');
    expect(await desk.read('new/team/.inspan/team.schema.json')).toBe('{"type":"object"}');
  });

  it('writes here when no folder is named', async () => {
    expect((await init()).code).toBe(0);
    expect(await desk.read('agents/a.md')).toContain('name: a');
  });

  it('never writes over a file: it names all that are in the way and writes nothing', async () => {
    await desk.write('mine/team.yaml', 'name: mine\n');
    await desk.write('mine/agents', 'a file\n');
    const before = await desk.everything();
    const { code, io } = await init('mine');
    expect(code).toBe(2);
    expect(io.stderr()).toBe(
      'inspan: mine/agents/a.md, mine/team.yaml would be written over: choose another folder, or move them away.\n',
    );
    expect(await desk.everything()).toEqual(before);
  });

  const own = join(import.meta.dirname, '../..');
  it.runIf(existsSync(join(own, 'templates/team')))(
    'writes a team that can be checked and run as it says',
    async () => {
      const io = createCapturedIo({ directory: desk.directory, packageDirectory: own });
      expect(await runCommandLine(['init', 'fresh'], io)).toBe(0);
      const next = io
        .stdout()
        .split('\n')
        .filter((line) => line.startsWith('  inspan '));
      expect(next).toHaveLength(2);
      for (const line of next) {
        const after = createCapturedIo({ directory: desk.directory });
        const code = await runCommandLine(line.trim().split(' ').slice(1), after);
        expect(code, after.stderr()).toBe(0);
      }
    },
  );
});
