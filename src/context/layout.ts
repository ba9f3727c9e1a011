import type { Place, SystemBlock } from '../core/index.ts';
import type { Skill } from '../skills/index.ts';

/** A system block that knows where a person can change it. */
export interface PlacedBlock extends SystemBlock {
  /** Which part of the token bill it belongs to. */
  readonly part: 'base' | 'memory' | 'prompt' | 'skill';
  /** Absent for Inspan's own words. */
  readonly source?: Place;
  /** The line of the source on which `text` begins, counted from 1; absent where it is put together from several. */
  readonly textLine?: number;
}

/** Everything that stands in an agent's system part. All of it is the same in every job. */
export interface StaticParts {
  readonly agent: string;
  /** Inspan's own few words to the agent. */
  readonly base: string;
  readonly memory: { readonly text: string; readonly source: Place } | null;
  readonly prompt: { readonly text: string; readonly source: Place };
  readonly skill: Skill | null;
  readonly moreSkills: readonly Skill[];
}

/** Lays out an agent's system part: what agents share first, then the agent's own. */
export function layoutSystem(parts: StaticParts): readonly PlacedBlock[] {
  const { agent, base, memory, prompt, skill, moreSkills } = parts;
  const shared: PlacedBlock[] = [{ id: 'base', part: 'base', stability: 'release', text: base }];
  if (memory !== null) shared.push(placed('memory', 'memory', memory));
  const own: PlacedBlock[] = [placed(`prompt:${agent}`, 'prompt', prompt)];
  if (skill !== null) own.push(skillBlock(skill));
  if (moreSkills.length > 0 || (skill?.files.length ?? 0) > 0)
    own.push(catalogBlock(agent, skill, moreSkills));
  return Object.freeze([...shared, ...own].map((block) => Object.freeze(block)));
}

/** Counts the first blocks of a system part, which are the same for all members. */
export function sharedBlocksOf(system: readonly PlacedBlock[]): number {
  return system.filter(({ part }) => part === 'base' || part === 'memory').length;
}

function placed(id: string, part: PlacedBlock['part'], text: { text: string; source: Place }): PlacedBlock {
  const textLine = text.source.line ?? 1;
  return { id, part, stability: 'release', text: text.text, source: text.source, textLine };
}

function skillBlock({ name, body, source }: Skill): PlacedBlock {
  return {
    id: `skill:${name}`,
    part: 'skill',
    stability: 'release',
    text: `# Skill: ${name}\n\n${body}`,
    source,
    // The heading and the blank line are Inspan's.
    textLine: (source.line ?? 1) - 2,
  };
}

/** What can be opened with `open_skill_file`: one line each, so that only what is needed is read. */
function catalogBlock(agent: string, skill: Skill | null, more: readonly Skill[]): PlacedBlock {
  const files = skill === null ? [] : skill.files.map(({ path }) => `- ${skill.name}/${path}`);
  const skills = more.map(
    ({ name, description }) => `- ${name}/SKILL.md: ${description.replace(/\s+/g, ' ')}`,
  );
  const text = `Open these with open_skill_file when the task calls for them:\n${[...files, ...skills].join('\n')}`;
  const source = skill?.source ?? more[0]?.source;
  return {
    id: `skill-files:${agent}`,
    part: 'skill',
    stability: 'release',
    text,
    ...(source === undefined ? {} : { source }),
  };
}
