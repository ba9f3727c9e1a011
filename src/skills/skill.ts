import type { Place } from '../core/index.ts';

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
