import { type Failure, failure, InspanError, type Place } from '../core/index.ts';
import { normalizeText, trimBody } from './frontmatter.ts';

/** Know-how in a folder: a `SKILL.md` and, where it needs them, more files that are opened on demand. */
export interface Skill {
  /** 1–64 lowercase letters, digits and hyphens; the folder's name. */
  readonly name: string;
  /** What it is for and when to use it. */
  readonly description: string;
  /** The markdown below the frontmatter, trimmed. */
  readonly body: string;
  /** The other text files of the folder, by path relative to it, sorted. */
  readonly files: readonly SkillFile[];
  /** Where the body starts. */
  readonly source: Place;
}

/** One further file of a skill. */
export interface SkillFile {
  /** Relative to the skill's folder, `/` between parts. */
  readonly path: string;
  readonly text: string;
}

/** A skill as a team in TypeScript writes it. `files`: path below the skill → text. */
export interface SkillText {
  readonly name: string;
  readonly description: string;
  readonly body: string;
  readonly files?: Readonly<Record<string, string>>;
}

/** Longest name, in characters (agentskills.io specification). */
export const skillNameCharactersMax = 64;

/** Longest description, in characters (agentskills.io specification). */
export const skillDescriptionCharactersMax = 1024;

/**
 * Makes a skill in TypeScript. Equal in all but `source` to the same skill read from a folder.
 * Throws `InspanError` with everything that is wrong.
 */
export function skill(text: SkillText): Skill {
  const source = { file: `skill ${JSON.stringify(text.name)}` };
  const body = trimBody(text.body);
  const description = text.description.trim();
  const files = Object.entries(text.files ?? {});
  const problems = [
    skillNameProblem(text.name),
    descriptionProblem(description),
    body === '' ? '`body` is empty: write what an agent should know' : null,
    ...files.map(([path]) => filePathProblem(path)),
  ].filter((problem) => problem !== null);
  const failures: Failure[] = problems.map((problem) =>
    failure('wrong-team', `${problem}.`, { place: source }),
  );
  if (failures.length > 0) throw new InspanError(failures);
  return {
    name: text.name,
    description,
    body,
    files: sortedByPath(files.map(([path, content]) => ({ path, text: normalizeText(content) }))),
    source,
  };
}

/** Says what is wrong with a skill's name, or null. */
export function skillNameProblem(name: string): string | null {
  if (name.length > skillNameCharactersMax)
    return `The name has ${name.length} characters: at most ${skillNameCharactersMax}`;
  if (/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name)) return null;
  return `The name "${name}" must be lowercase letters and digits with single hyphens between them`;
}

/** Sorts files by path, by code unit: the same on every machine. */
export function sortedByPath(files: readonly SkillFile[]): readonly SkillFile[] {
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function descriptionProblem(description: string): string | null {
  if (description === '') return '`description` is empty: say what the skill is for and when to use it';
  if (description.length <= skillDescriptionCharactersMax) return null;
  return `\`description\` has ${description.length} characters: at most ${skillDescriptionCharactersMax}`;
}

function filePathProblem(path: string): string | null {
  const parts = path.split('/');
  const allowed = parts.every((part) => part !== '' && part !== '.' && part !== '..' && !part.includes('\\'));
  if (!allowed) return `The file "${path}" must be a path below the skill, such as references/tone.md`;
  return path === 'SKILL.md'
    ? 'SKILL.md is made from `description` and `body`: leave it out of `files`'
    : null;
}
