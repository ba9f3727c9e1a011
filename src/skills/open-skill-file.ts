import { fail, ok, type Result, type Tool } from '../core/index.ts';
import type { Skill } from './skill.ts';

/** The skills of one agent: the one that stands in its prompt, and those it only knows by description. */
export interface AgentSkills {
  readonly inPrompt: Skill | null;
  readonly more: readonly Skill[];
}

/**
 * Makes the tool that opens what an agent's skills hold beyond its prompt; null when there is nothing.
 * Files are named `<skill>/<file>`; `<skill>/SKILL.md` is the body of a skill that is not in the prompt.
 */
export function openSkillFileTool({ inPrompt, more }: AgentSkills): Tool | null {
  const texts = new Map([
    ...more
      .filter(({ name }) => name !== inPrompt?.name)
      .flatMap((skill) => [bodyEntry(skill), ...fileEntries(skill)]),
    ...(inPrompt === null ? [] : fileEntries(inPrompt)),
  ]);
  const paths = [...texts.keys()].toSorted();
  if (paths.length === 0) return null;
  return {
    name: 'open_skill_file',
    purpose:
      'Opens a file of a skill: know-how for a kind of task. Open a SKILL.md when its description fits your task, ' +
      'and a further file when the skill tells you to.',
    inputSchema: {
      type: 'object',
      properties: { path: { type: 'string', enum: paths, description: 'The file, as <skill>/<file>.' } },
      required: ['path'],
      additionalProperties: false,
    },
    effect: 'read',
    replay: 'safe',
    parse: (input) => parsePath(input, paths),
    run: async (path) => readText(texts, path),
  };
}

function bodyEntry(skill: Skill): readonly [string, string] {
  return [`${skill.name}/SKILL.md`, skill.body];
}

function fileEntries(skill: Skill): readonly (readonly [string, string])[] {
  return skill.files.map(({ path, text }) => [`${skill.name}/${path}`, text] as const);
}

/** How many paths a failure names: the schema names them all anyway. */
const namedPathsMax = 20;

function parsePath(input: unknown, paths: readonly string[]): Result<string> {
  const asked = typeof input === 'object' && input !== null && 'path' in input ? input.path : undefined;
  const path = typeof asked === 'string' ? findPath(asked, paths) : undefined;
  if (path !== undefined) return ok(path);
  const choices = paths
    .slice(0, namedPathsMax)
    .map((choice) => JSON.stringify(choice))
    .join(', ');
  const rest = paths.length > namedPathsMax ? ` and ${paths.length - namedPathsMax} more` : '';
  const problem =
    typeof asked === 'string' ? `No skill file is called ${JSON.stringify(asked)}.` : '`path` must be text.';
  return fail('bad-arguments', `${problem} Send {"path": …} with one of: ${choices}${rest}.`);
}

/** Skills name their files relative to themselves, so a path without its skill is taken where only one file fits. */
function findPath(asked: string, paths: readonly string[]): string | undefined {
  const path = asked.replace(/^(?:\.?\/)+/, '');
  if (paths.includes(path)) return path;
  const fitting = paths.filter((candidate) => candidate.slice(candidate.indexOf('/') + 1) === path);
  return fitting.length === 1 ? fitting[0] : undefined;
}

function readText(texts: ReadonlyMap<string, string>, path: unknown): Result<{ readonly text: string }> {
  const text = typeof path === 'string' ? texts.get(path) : undefined;
  if (text === undefined)
    throw new Error(`open_skill_file was run with a path that parse did not give: ${String(path)}`);
  return ok({ text });
}
