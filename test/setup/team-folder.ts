import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Files of a team folder by path. `→ target` as text makes a symlink. */
export type TeamFiles = Readonly<Record<string, string>>;

/** Writes a team folder for the test that runs, and removes it after. The folder's name is `team`. */
export async function writeTeamFolder(files: TeamFiles): Promise<string> {
  const base = await mkdtemp(join(tmpdir(), 'inspan-team-'));
  onTestFinished(() => rm(base, { recursive: true }));
  const folder = join(base, 'team');
  await mkdir(folder);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    if (text.startsWith('→ ')) await symlink(text.slice(2), join(folder, path));
    else await writeFile(join(folder, path), text);
  }
  return folder;
}

/** The text of an agent's file. `more`: whole lines of frontmatter. */
export function agentFile(name: string, more = ''): string {
  return `---\nname: ${name}\ndescription: does ${name}\n${more}---\nDo ${name}.\n`;
}
