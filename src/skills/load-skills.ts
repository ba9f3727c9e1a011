import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Failure, failure, type Place } from '../core/index.ts';
import type { SkillNotice } from './frontmatter.ts';
import { readSkill } from './read-skill.ts';
import { resolveInside } from './resolve-inside.ts';
import type { Skill } from './skill.ts';

/** What a `skills/` folder holds. */
export interface LoadedSkills {
  /** Sorted by name. */
  readonly skills: readonly Skill[];
  /** Skills that could not be read: an error only for agents that name them. Each has a notice too. */
  readonly skipped: readonly SkippedSkill[];
  readonly notices: readonly SkillNotice[];
  /** Why the folder as a whole could not be read. */
  readonly failures: readonly Failure[];
}

/** A skill that could not be read, and why. */
export interface SkippedSkill {
  readonly name: string;
  readonly reason: string;
  readonly place: Place;
}

/** Far more than a team can tell apart by description; a larger folder is not a `skills/` folder. */
const skillsMax = 200;

/**
 * Reads every skill of a `skills/` folder, as leniently as the open format asks for.
 * `name` is how a person knows the folder (`skills`): places begin with it. A folder that is absent holds no skills.
 * Nothing outside the folder is read, and nothing in it is run.
 */
export async function loadSkills(
  directory: string,
  { name }: { readonly name: string },
): Promise<LoadedSkills> {
  const root = await resolveInside(null, directory);
  if (root.type === 'missing') return nothing([]);
  if (root.type !== 'directory') {
    return nothing([
      failure('wrong-team', 'This must be a folder that holds one folder per skill.', {
        place: { file: name },
      }),
    ]);
  }
  const folders = (await readdir(root.path)).filter((entry) => !entry.startsWith('.')).toSorted();
  if (folders.length > skillsMax) {
    const message = `The folder has ${folders.length} entries: at most ${skillsMax} skills are read. Remove some.`;
    return nothing([failure('wrong-team', message, { place: { file: name } })]);
  }
  const found = [];
  for (const folder of folders) found.push(await findSkill(root.path, folder, name));
  return {
    skills: found.flatMap(({ skill }) => (skill === null ? [] : [skill])),
    skipped: found.flatMap(({ skipped }) => (skipped === null ? [] : [skipped])),
    notices: found.flatMap(({ notices }) => notices),
    failures: [],
  };
}

function nothing(failures: readonly Failure[]): LoadedSkills {
  return { skills: [], skipped: [], notices: [], failures };
}

interface FoundSkill {
  readonly skill: Skill | null;
  readonly skipped: SkippedSkill | null;
  readonly notices: readonly SkillNotice[];
}

async function findSkill(root: string, folder: string, name: string): Promise<FoundSkill> {
  const entry = await resolveInside(root, join(root, folder));
  const place = { file: `${name}/${folder}` };
  // A README or a licence beside the skills is nobody's mistake.
  if (entry.type === 'file') return { skill: null, skipped: null, notices: [] };
  if (entry.type === 'outside')
    return skip(folder, place, 'it is a link that leads out of the skills folder: copy the folder here');
  if (entry.type !== 'directory') return skip(folder, place, 'it cannot be read');
  const read = await readSkill({ root, path: entry.path, folder, place });
  if (read.ok) return { skill: read.skill, skipped: null, notices: read.notices };
  return skip(folder, read.place, read.reason);
}

function skip(name: string, place: Place, reason: string): FoundSkill {
  const message = `The skill "${name}" is left out: ${reason}.`;
  return { skill: null, skipped: { name, reason, place }, notices: [{ message, place }] };
}
