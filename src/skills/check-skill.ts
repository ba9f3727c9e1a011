import type { Json } from '../core/index.ts';
import { attributeText, type Frontmatter, type SkillNotice } from './frontmatter.ts';
import { skillDescriptionCharactersMax, skillNameProblem } from './skill.ts';

/** Fields of the open format (agentskills.io), and those that Claude Code adds. */
const knownFields: readonly string[] = [
  'name',
  'description',
  'license',
  'compatibility',
  'metadata',
  'allowed-tools',
  'when_to_use',
  'argument-hint',
  'arguments',
  'disable-model-invocation',
  'user-invocable',
  'disallowed-tools',
  'model',
  'effort',
  'context',
  'agent',
  'background',
  'hooks',
  'paths',
  'shell',
  'version',
];

/** The format's advice for a body: 5,000 tokens (four characters each, roughly) and 500 lines. */
const bodyCharactersMax = 5_000 * 4;
const bodyLinesMax = 500;

/** Longest `compatibility`, in characters (agentskills.io specification). */
const compatibilityCharactersMax = 500;

/** Compares a SKILL.md with the open format; nothing here stops a skill from being used. */
export function checkSkill(frontmatter: Frontmatter, folder: string, file: string): readonly SkillNotice[] {
  const { attributes, bodyLine, lineOf } = frontmatter;
  const at = (key: string, message: string): SkillNotice => {
    const line = lineOf(key);
    return { message, place: line === undefined ? { file } : { file, line } };
  };
  return [
    ...nameProblems(attributes.name, folder).map((message) => at('name', message)),
    ...descriptionProblems(attributes.description).map((message) => at('description', message)),
    ...compatibilityProblems(attributes.compatibility).map((message) => at('compatibility', message)),
    ...toolListProblems(attributes, 'allowed-tools').map((message) => at('allowed-tools', message)),
    ...unknownFields(attributes).map((key) =>
      at(key, `\`${key}\` is not a field of a skill and is not read.`),
    ),
    ...bodyProblems(frontmatter.body).map((message) => ({ message, place: { file, line: bodyLine } })),
  ];
}

function nameProblems(name: Json | undefined, folder: string): readonly string[] {
  const charset = skillNameProblem(folder);
  const problems = charset === null ? [] : [`${charset}: rename the folder.`];
  if (name === undefined || name === null)
    return [...problems, `\`name\` is missing: the folder's name, "${folder}", is used.`];
  if (attributeText(name) === folder) return problems;
  return [
    ...problems,
    `\`name\` is ${JSON.stringify(name)}, but the folder's name, "${folder}", is used: make them the same.`,
  ];
}

function descriptionProblems(description: Json | undefined): readonly string[] {
  const length = (attributeText(description) ?? '').length;
  if (length <= skillDescriptionCharactersMax) return [];
  return [
    `\`description\` has ${length} characters: the format allows ${skillDescriptionCharactersMax}. Shorten it.`,
  ];
}

function compatibilityProblems(compatibility: Json | undefined): readonly string[] {
  if ((attributeText(compatibility) ?? '').length <= compatibilityCharactersMax) return [];
  return [`\`compatibility\` is longer than the ${compatibilityCharactersMax} characters the format allows.`];
}

function toolListProblems(attributes: Readonly<Record<string, Json>>, key: string): readonly string[] {
  const value = attributes[key];
  if (value === undefined || value === null || typeof value === 'string') return [];
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return [];
  return [`\`${key}\` must be names of tools: text with spaces or commas, or a list.`];
}

function unknownFields(attributes: Readonly<Record<string, Json>>): readonly string[] {
  return Object.keys(attributes).filter((key) => !knownFields.includes(key));
}

function bodyProblems(body: string): readonly string[] {
  if (body === '') return ['There is no text below the frontmatter: the skill teaches nothing.'];
  const lines = body.split('\n').length;
  const placeholder = /\$\{CLAUDE_\w+\}|\$ARGUMENTS\b/.exec(body);
  const problems: string[] = [];
  if (lines > bodyLinesMax || body.length > bodyCharactersMax) {
    problems.push(
      `The body has ${lines} lines and about ${Math.ceil(body.length / 4)} tokens: ` +
        `keep it under ${bodyLinesMax} lines and 5000 tokens, and move details into further files.`,
    );
  }
  if (placeholder !== null)
    problems.push(`\`${placeholder[0]}\` stays as it is written: nothing is put in its place here.`);
  return problems;
}
