import { isAbsolute, posix } from 'node:path';
import type { Report } from '../settings/report.ts';
import type { StaticText } from '../team.ts';
import { readTeamFile } from './read-team-file.ts';

/** Files that import files: more in a row are a mistake (the limit of the format). */
const hopsMax = 4;

/**
 * Reads a team's durable memory: `AGENTS.md` as it is, or, where there is none, `CLAUDE.md` with its `@imports`.
 * Never both. Null when there is neither.
 */
export async function loadMemory(root: string, report: Report): Promise<StaticText | null> {
  const agents = await readMemoryFile(root, 'AGENTS.md', report);
  if (agents !== null) return memoryOf(agents, 'AGENTS.md');
  const claude = await readMemoryFile(root, 'CLAUDE.md', report);
  if (claude === null) return null;
  const walk: Walk = { root, report, seen: new Set(['CLAUDE.md']), trail: ['CLAUDE.md'] };
  return memoryOf(await expand(claude, walk), 'CLAUDE.md');
}

/** Files by their path in the team folder: those imported so far, and those being read. */
interface Walk {
  readonly root: string;
  readonly report: Report;
  readonly seen: Set<string>;
  readonly trail: readonly string[];
}

interface Import {
  readonly written: string;
  readonly line: number;
}

async function readMemoryFile(root: string, name: string, report: Report): Promise<string | null> {
  const file = await readTeamFile(root, name);
  if (file.type === 'text') return file.text;
  if (file.type === 'refused') report.fail({ file: name }, `this file cannot be the memory: ${file.reason}`);
  return null;
}

function memoryOf(text: string, file: string): StaticText | null {
  const trimmed = text.trim();
  return trimmed === '' ? null : { text: trimmed, source: { file, line: 1 } };
}

/**
 * Puts imported texts where they are named: in place of a line that is nothing but the import, and at the end,
 * in their order, where the import stands within a sentence. Each file comes once.
 */
async function expand(text: string, walk: Walk): Promise<string> {
  const lines: string[] = [];
  const ending: string[] = [];
  for (const { line, imports, number } of readLines(text)) {
    let kept = line;
    for (const written of imports) {
      const imported = await importText({ written, line: number }, walk);
      if (imported === null) continue;
      if (line.trim() === `@${written}`) kept = imported;
      else ending.push(imported);
    }
    lines.push(kept);
  }
  return [lines.join('\n'), ...ending.filter((one) => one !== '')].join('\n\n');
}

/** Null where nothing is to be put in: the text then stays as it is. */
async function importText({ written, line }: Import, walk: Walk): Promise<string | null> {
  const { root, report, seen, trail } = walk;
  const from = trail.at(-1) ?? '';
  const place = { file: from, line };
  if (written.startsWith('~')) {
    // Personal by design: the folder's author never meant it to come along.
    report.note(place, `@${written} is somebody's own file, not the team's; it is left out`);
    return null;
  }
  if (isAbsolute(written)) {
    report.fail(place, `@${written} is outside the team folder; copy it in and import it by a relative path`);
    return null;
  }
  const path = posix.normalize(posix.join(posix.dirname(from), written));
  const file = path.startsWith('../')
    ? { type: 'refused' as const, reason: 'it is outside the team folder; copy it in' }
    : await readTeamFile(root, path);
  if (file.type === 'refused' && isSurelyImport(written))
    report.fail(place, `@${written} cannot be imported: ${file.reason}`);
  if (file.type === 'missing') tellMissing({ written, line }, from, report);
  if (file.type !== 'text') return null;
  if (trail.includes(file.path)) {
    report.note(place, `@${written} imports a file that imports this one; it is left out the second time`);
    return '';
  }
  if (trail.length > hopsMax) {
    report.fail(
      place,
      `@${written} is more than ${hopsMax} imports deep; import it from a file nearer to ${trail[0] ?? from}`,
    );
    return null;
  }
  if (seen.has(file.path)) return '';
  seen.add(file.path);
  return (await expand(file.text, { ...walk, trail: [...trail, file.path] })).trim();
}

function tellMissing({ written, line }: Import, from: string, report: Report): void {
  const place = { file: from, line };
  if (isSurelyImport(written))
    report.fail(place, `@${written} is not there; create the file, or remove the import`);
  // A bare word (@someone) is a mention, no path.
  else if (/[./]/.test(written))
    report.note(place, `@${written} stays as it is: no file of the team has that path`);
}

function isSurelyImport(written: string): boolean {
  return /^\.{1,2}\//.test(written) || /\.(md|mdc|markdown|txt)$/i.test(written);
}

interface Line {
  readonly line: string;
  readonly number: number;
  readonly imports: readonly string[];
}

/** Takes a text apart into lines with the imports in each; code spans and fences hold none. */
function readLines(text: string): readonly Line[] {
  let fence: string | null = null;
  return text.split('\n').map((line, position) => {
    const mark: string | null = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1] ?? null;
    const inside: string | null = fence;
    if (inside === null) fence = mark;
    else if (closes(line, inside)) fence = null;
    const plain = inside === null && mark === null;
    return { line, number: position + 1, imports: plain ? importsOf(line) : [] };
  });
}

/** A fence ends at as many of its own marks, or more, and nothing else on the line. */
function closes(line: string, fence: string): boolean {
  const mark = /^ {0,3}(`{3,}|~{3,})\s*$/.exec(line)?.[1];
  return mark !== undefined && mark[0] === fence[0] && mark.length >= fence.length;
}

function importsOf(line: string): readonly string[] {
  const prose = line.replaceAll(/(`+)(?:(?!\1).)*\1/g, ' ');
  return [...prose.matchAll(/(?:^|\s)@([^\s@`]+)/g)]
    .map(([, written = '']) => written.replace(/[.,;:!?)\]'"]+$/, ''))
    .filter((written) => written !== '');
}
