import { fail, type Json, ok, type Place, type Result } from '../core/index.ts';
import { quoteBrokenValues } from './quote-broken-values.ts';
import { parseYaml, type YamlMapping } from './yaml-mapping.ts';

/** What is worth a person's attention in a file, but stops nothing. */
export interface SkillNotice {
  readonly message: string;
  readonly place: Place;
}

/** A markdown file taken apart: what its frontmatter says, and the text below it. */
export interface Frontmatter {
  readonly attributes: Readonly<Record<string, Json>>;
  /** The line in the file (from 1) where a top-level key stands. */
  readonly lineOf: (key: string) => number | undefined;
  /** Line feeds only; without the blank lines around it. */
  readonly body: string;
  /** The line in the file (from 1) where the body starts. */
  readonly bodyLine: number;
  readonly notices: readonly SkillNotice[];
}

/**
 * Takes a markdown file apart into YAML frontmatter and body.
 * `file` is the name a person knows it by, for places. A byte order mark and Windows line ends are accepted, and so
 * are values that YAML takes only in quotes (`description: Use when: …`), with a notice each. A file that does not
 * begin with a `---` line is all body. Fails with `wrong-team` and a line.
 */
export async function parseFrontmatter(text: string, file: string): Promise<Result<Frontmatter>> {
  const lines = normalizeText(text).split('\n');
  if (!isFence(lines[0])) return ok(withoutFrontmatter(lines));
  const end = lines.findIndex((line, at) => at > 0 && isFence(line));
  if (end === -1) {
    return fail('wrong-team', 'The frontmatter that starts here has no end: close it with a line of `---`.', {
      place: { file, line: 1 },
    });
  }
  const parsed = await parseLeniently(lines.slice(1, end), file);
  if (!parsed.ok) return parsed;
  const { mapping, notices } = parsed.value;
  return ok({
    attributes: mapping.attributes,
    lineOf: (key) => mapping.lines.get(key),
    ...bodyOf(lines, end + 1),
    notices,
  });
}

/** Makes text the same on every platform: no byte order mark, line feeds only. */
export function normalizeText(text: string): string {
  return text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
}

/** Trims a body the one way all loaders do: no blank lines before it, no white space after it. */
export function trimBody(text: string): string {
  return normalizeText(text)
    .replace(/^(?:[ \t]*\n)+/, '')
    .trimEnd();
}

/** Reads an attribute that should be text, trimmed; null when it is empty or no text at all. */
export function attributeText(value: Json | undefined): string | null {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string' || value.trim() === '') return null;
  return value.trim();
}

function isFence(line: string | undefined): boolean {
  return line !== undefined && /^---[ \t]*$/.test(line);
}

function withoutFrontmatter(lines: readonly string[]): Frontmatter {
  return { attributes: {}, lineOf: () => undefined, ...bodyOf(lines, 0), notices: [] };
}

function bodyOf(
  lines: readonly string[],
  from: number,
): { readonly body: string; readonly bodyLine: number } {
  const first = lines.findIndex((line, at) => at >= from && line.trim() !== '');
  const start = first === -1 ? from : first;
  return { body: trimBody(lines.slice(start).join('\n')), bodyLine: start + 1 };
}

/** The YAML starts on line 2 of the file, below the fence. */
const firstYamlLine = 2;

async function parseLeniently(
  lines: readonly string[],
  file: string,
): Promise<Result<{ readonly mapping: YamlMapping; readonly notices: readonly SkillNotice[] }>> {
  const strict = await parseYaml(lines.join('\n'));
  if (strict.ok) return ok({ mapping: shiftLines(strict.mapping), notices: [] });
  const mended = await quoteBrokenValues(lines);
  const lenient = await parseYaml(mended.lines.join('\n'));
  if (!lenient.ok) {
    const { reason, line } = mended.broken ?? strict;
    const place = { file, line: line + firstYamlLine - 1 };
    return fail('wrong-team', `The frontmatter is not valid YAML: ${reason}.`, { place });
  }
  const notices = mended.quoted.map(({ key, line }) => ({
    message: `\`${key}\` is not valid YAML as it stands and was read as plain text: put its value in quotes.`,
    place: { file, line: line + firstYamlLine - 1 },
  }));
  return ok({ mapping: shiftLines(lenient.mapping), notices });
}

function shiftLines({ attributes, lines }: YamlMapping): YamlMapping {
  return { attributes, lines: new Map([...lines].map(([key, line]) => [key, line + firstYamlLine - 1])) };
}
