import { canonicalJson, isJsonObject, type Json, type ToolDefinition } from '../../core/index.ts';
import type { Conversation, PastCall } from './conversation.ts';
import type { Check } from './extract/content.ts';
import { cutAtWord } from './extract/cut-text.ts';
import type { Source } from './extract/extract.ts';
import { argumentsFor } from './fill-arguments.ts';
import type { PlannedCall } from './move.ts';
import { propertiesOf, resolved } from './schema/schema.ts';

/** Turns with reads: the first, and some in which long files are read on. */
const readTurnsMax = 5;
const filesMax = 60;
const readsPerTurnMax = 24;
const customCallsMax = 12;
const skillFilesMax = 3;

const ownTools: readonly string[] = [
  'list_files',
  'read_file',
  'write_file',
  'edit_file',
  'search_files',
  'delegate',
  'open_skill_file',
];

/** What is known so far, and the calls that would tell more. */
export interface Gathered {
  readonly sources: readonly Source[];
  /** Paths to read, folders and globs replaced by what is in them. */
  readonly paths: readonly string[];
  /** Reads that are still to be made; empty when all is read. */
  readonly calls: readonly PlannedCall[];
}

/** Reads what a task names: lists folders, reads files, reads long files on. */
export function gather(
  reads: readonly string[],
  tools: readonly ToolDefinition[],
  { calls }: Conversation,
): Gathered {
  const lists = calls.filter(({ name }) => name === 'list_files');
  const folders = hasTool(tools, 'list_files') ? reads.filter(isFolder) : [];
  const unlisted = folders.filter((folder) => !lists.some(({ input }) => pathIn(input) === folder));
  if (unlisted.length > 0) {
    const asked = unlisted.map((path) => ({ name: 'list_files', input: { path } }));
    return { sources: [], paths: [], calls: asked.slice(0, readsPerTurnMax) };
  }
  const inside = lists.filter(({ input }) => folders.includes(pathIn(input) ?? '')).flatMap(listedPaths);
  const paths = [...new Set([...reads.filter((path) => !isFolder(path)), ...inside])].slice(0, filesMax);
  const files = calls.filter(({ name }) => name === 'read_file');
  const sources = paths.flatMap((path) => sourceOf(path, files));
  const turns = new Set(files.map(({ at }) => at)).size;
  if (!hasTool(tools, 'read_file') || turns >= readTurnsMax) return { sources, paths, calls: [] };
  const next = paths.flatMap((path) => nextRead(path, files)).slice(0, readsPerTurnMax);
  return { sources, paths, calls: next };
}

/** Questions that were not asked yet: to the team's own reading tools, and to its skills' files. */
export function questions(
  tools: readonly ToolDefinition[],
  files: readonly string[],
  { calls }: Conversation,
): readonly PlannedCall[] {
  const skillFile = tools.find(({ name }) => name === 'open_skill_file');
  const skills = skillFile === undefined ? [] : skillFileCalls(skillFile);
  const custom = tools
    .filter(({ name, effect }) => effect === 'read' && !ownTools.includes(name))
    .flatMap((tool) =>
      argumentsFor(tool, files, customCallsMax).map((input) => ({ name: tool.name, input })),
    );
  const made = new Set(calls.map(keyOf));
  return [...skills, ...custom.slice(0, customCallsMax)].filter((call) => !made.has(keyOf(call)));
}

/** What the team's own tools answered. */
export function checksOf({ calls }: Conversation): readonly Check[] {
  return calls.flatMap(({ name, input, answer }) => {
    if (ownTools.includes(name) || answer === null || answer.text.trim() === '') return [];
    const values = isJsonObject(input)
      ? Object.values(input).map((value) => (typeof value === 'string' ? value : canonicalJson(value)))
      : [];
    const question = values.length === 0 ? name : `${name}: ${values.join(', ')}`;
    return [{ title: cutAtWord(`${question}${answer.failed ? ' (failed)' : ''}`, 120), text: answer.text }];
  });
}

/** What was opened of the agent's skills: it belongs to what the agent is told. */
export function openedSkillFiles({ calls }: Conversation): readonly string[] {
  return calls.flatMap(({ name, answer }) =>
    name === 'open_skill_file' && answer?.failed === false ? [answer.text] : [],
  );
}

function hasTool(tools: readonly ToolDefinition[], wanted: string): boolean {
  return tools.some(({ name }) => name === wanted);
}

function isFolder(path: string): boolean {
  return path.endsWith('/') || path.includes('*');
}

function pathIn(input: Json): string | undefined {
  const path = isJsonObject(input) ? input['path'] : undefined;
  return typeof path === 'string' ? path : undefined;
}

function keyOf({ name, input }: PlannedCall): string {
  return `${name} ${canonicalJson(input)}`;
}

/** A listing has one file a line, with its size behind it; the tool has applied the rule already. */
function listedPaths({ answer }: PastCall): readonly string[] {
  if (answer === null || answer.failed) return [];
  return answer.text
    .split('\n')
    .flatMap((line) => /^(?:[-*] )?(\S.*?) \([\d,. ]+ ?bytes?\)$/.exec(line.trim())?.[1] ?? []);
}

function sourceOf(path: string, reads: readonly PastCall[]): readonly Source[] {
  const texts = reads.flatMap(({ input, answer }) =>
    pathIn(input) === path && answer?.failed === false ? [answer.text] : [],
  );
  return texts.length === 0 ? [] : [{ path, text: texts.join('\n') }];
}

/** The first read of a file, or the one its last answer asks for; none when it is read or cannot be. */
function nextRead(path: string, reads: readonly PastCall[]): readonly PlannedCall[] {
  const last = reads.findLast(({ input }) => pathIn(input) === path);
  if (last === undefined) return [{ name: 'read_file', input: { path } }];
  if (last.answer === null || last.answer.failed) return [];
  const hint = /\[[^[\]\n]{0,200}\bgo on with ([^[\]\n]{1,120})\]\s*$/i.exec(
    last.answer.text.slice(-400),
  )?.[1];
  const places = [...(hint ?? '').matchAll(/\b([a-z_]{2,20})[ =:]+(\d{1,12})\b/g)].map(
    ([, name = '', number]) => [name, Number(number)] as const,
  );
  const input = { path, ...Object.fromEntries(places) };
  const isNew = !reads.some((read) => canonicalJson(read.input) === canonicalJson(input));
  return places.length > 0 && isNew ? [{ name: 'read_file', input }] : [];
}

function skillFileCalls(tool: ToolDefinition): readonly PlannedCall[] {
  const path = resolved(propertiesOf(tool.inputSchema)['path'], tool.inputSchema);
  const names = Array.isArray(path['enum'])
    ? path['enum']
    : path['const'] === undefined
      ? []
      : [path['const']];
  return names.slice(0, skillFilesMax).map((name) => ({ name: tool.name, input: { path: name } }));
}
