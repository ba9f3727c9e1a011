import type { Effort, Json, Place } from '../../core/index.ts';
import { type Frontmatter, parseFrontmatter } from '../../skills/index.ts';
import { parseToolList } from '../../tools/index.ts';
import { agentNameRule, isAgentName, nearestAgentName } from '../build/agent-name.ts';
import type { AgentSource, NamesAt, TextAt } from '../build/team-source.ts';
import { shown } from '../settings/check-settings.ts';
import { didYouMean } from '../settings/closest.ts';
import type { Report } from '../settings/report.ts';

/** An agent's file, read; its skills are still names. */
export interface AgentFile extends Omit<AgentSource, 'skills'> {
  /** Null: the skill of the agent's own name, where there is one. */
  readonly skillNames: NamesAt | null;
}

/** Fields that are other harnesses' own and change nothing an agent does here. */
const silentFields: readonly string[] = Object.freeze([
  'color',
  'mode',
  'hidden',
  'version',
  'license',
  'metadata',
]);

/** Fields whose author expects something that does not happen here, and what to do instead. */
const idleFields: Readonly<Record<string, string>> = Object.freeze({
  mcpServers: 'write a tool of the team in tools/ instead',
  hooks: 'nothing runs before or after its tools',
  memory: 'shared memory is AGENTS.md',
  background: 'what runs beside what follows from reads and writes',
  isolation: 'agents only see the files they read and write',
  initialPrompt: 'the first message is the task',
  experimental: 'the defaults hold',
  temperature: "the model's own default holds",
  top_p: "the model's own default holds",
  variant: 'effort says how hard the model thinks',
  prompt: 'the prompt is the text below the frontmatter',
  permission: 'tools and disallowedTools say what it may do',
  steps: 'write maxTurns',
  maxSteps: 'write maxTurns',
  options: "the model's own defaults hold",
  disable: 'to leave an agent out, move its file out of the folder',
  disabled: 'to leave an agent out, move its file out of the folder',
});

const usedFields: readonly string[] = Object.freeze([
  'name',
  'description',
  'tools',
  'disallowedTools',
  'model',
  'effort',
  'maxTurns',
  'skills',
  'permissionMode',
]);

/** Agents write nothing but their artifact, so modes that only ask less change nothing. */
const harmlessModes: readonly Json[] = Object.freeze(['default', 'manual', 'acceptEdits']);

const efforts: readonly string[] = Object.freeze(['low', 'medium', 'high', 'xhigh', 'max']);

/** Reads the text of one agent's file; everything wrong in it is reported with its line. */
export async function readAgent(text: string, file: string, report: Report): Promise<AgentFile> {
  const usualName = file.replace(/^.*\//, '').replace(/\.md$/i, '');
  const parsed = await parseFrontmatter(text, file);
  if (!parsed.ok) {
    report.add({ failures: [parsed.failure] });
    return unreadable(usualName, file);
  }
  const fields = parsed.value;
  report.add({ notices: fields.notices });
  const reader = createReader(fields, file, report);
  const name = reader.text('name');
  noteFields(reader, report);
  return {
    name: usableName(name?.text ?? usualName, name?.place ?? { file, line: 1 }, report),
    place: name?.place ?? { file, line: 1 },
    description: reader.text('description')?.text ?? null,
    prompt: { text: fields.body, source: { file, line: fields.bodyLine } },
    skillNames: reader.names('skills'),
    tools: reader.tools('tools'),
    withoutTools: reader.tools('disallowedTools'),
    model: reader.text('model'),
    effort: effortOf(reader, report),
    turnsMax: turnsOf(reader, report),
  };
}

/** Other harnesses take names that ours cannot be; the nearest that can is taken, and said. */
function usableName(name: string, place: Place, report: Report): string {
  const nearest = nearestAgentName(name);
  if (isAgentName(name) || nearest === '') return name;
  report.note(place, `"${name}" is called ${nearest} here: a name has ${agentNameRule}`);
  return nearest;
}

/** Stands in for an agent whose file has been reported, so that nobody is said to name a stranger. */
function unreadable(name: string, file: string): AgentFile {
  const place = { file, line: 1 };
  const nothing = { tools: null, withoutTools: null, model: null, effort: null, turnsMax: null };
  const prompt = { text: '(unreadable)', source: place };
  return { name, place, description: '(unreadable)', prompt, skillNames: { names: [], place }, ...nothing };
}

/** Reads fields of the wanted type and reports the others. */
interface FieldReader {
  readonly fields: readonly string[];
  value(key: string): Json | undefined;
  place(key: string): Place;
  text(key: string): TextAt | null;
  names(key: string): NamesAt | null;
  tools(key: string): NamesAt | null;
}

function createReader(frontmatter: Frontmatter, file: string, report: Report): FieldReader {
  const { attributes } = frontmatter;
  const value = (key: string) =>
    Object.hasOwn(attributes, key) ? (attributes[key] ?? undefined) : undefined;
  const place = (key: string) => ({ file, line: frontmatter.lineOf(key) ?? 1 });
  const refuse = (key: string, expected: string) => {
    report.fail(place(key), `${key} is ${shown(value(key))}; expected ${expected}`);
    return null;
  };
  return {
    fields: Object.keys(attributes),
    value,
    place,
    text: (key) => {
      const found = value(key);
      if (found === undefined) return null;
      if (typeof found !== 'string') return refuse(key, 'text; put quotes around it');
      return { text: found.trim(), place: place(key) };
    },
    names: (key) => {
      const found = value(key);
      if (found === undefined) return null;
      const names = typeof found === 'string' ? found.split(/[\s,]+/).filter((one) => one !== '') : found;
      if (!isTexts(names)) return refuse(key, `a list of names, such as [one, two]`);
      return { names, place: place(key) };
    },
    tools: (key) => {
      const found = value(key);
      if (found === undefined) return null;
      const list = parseToolList(found);
      if (list.ok) return { names: list.value, place: place(key) };
      return refuse(key, `a list of tools, such as Read, Write (${list.failure.message})`);
    },
  };
}

function isTexts(value: Json): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function noteFields(reader: FieldReader, report: Report): void {
  for (const field of reader.fields) {
    if (usedFields.includes(field) || silentFields.includes(field)) continue;
    const instead = Object.hasOwn(idleFields, field) ? idleFields[field] : undefined;
    const value = reader.value(field);
    if (instead === undefined) {
      const hint = didYouMean(field, usedFields) || ` Known: ${usedFields.join(', ')}.`;
      report.note(reader.place(field), `the field ${field} is not known and has no effect.${hint}`);
    } else if (value !== undefined && value !== false) {
      report.note(reader.place(field), `${field} has no effect yet: ${instead}`);
    }
  }
  checkPermissionMode(reader, report);
}

function checkPermissionMode(reader: FieldReader, report: Report): void {
  const mode = reader.value('permissionMode');
  if (mode === undefined || harmlessModes.includes(mode)) return;
  const place = reader.place('permissionMode');
  if (mode === 'bypassPermissions') {
    report.fail(
      place,
      'permissionMode bypassPermissions is not allowed; remove it and list what the agent needs in tools',
    );
  } else {
    report.note(
      place,
      `permissionMode ${shown(mode)} has no effect yet: tools and disallowedTools say what it may do`,
    );
  }
}

function effortOf(reader: FieldReader, report: Report): Effort | null {
  const effort = reader.value('effort');
  if (effort === undefined) return null;
  if (isEffort(effort)) return effort;
  report.fail(reader.place('effort'), `effort is ${shown(effort)}; expected one of ${efforts.join(', ')}`);
  return null;
}

function isEffort(value: Json): value is Effort {
  return typeof value === 'string' && efforts.includes(value);
}

function turnsOf(reader: FieldReader, report: Report): number | null {
  const turns = reader.value('maxTurns');
  if (turns === undefined) return null;
  if (typeof turns === 'number' && Number.isSafeInteger(turns) && turns > 0) return turns;
  report.fail(
    reader.place('maxTurns'),
    `maxTurns is ${shown(turns)}; expected a whole number above 0, such as 20`,
  );
  return null;
}
