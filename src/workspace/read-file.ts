import { z } from 'zod';
import { fail, ok, type Result, type Tool } from '../core/index.ts';
import { answerCharactersMax, fileTool } from './file-tool.ts';
import { readTextFile } from './find-files.ts';
import { quotePath } from './path.ts';

/** Makes the tool that reads a text file, page by page where it is long. */
export function readFileTool(): Tool {
  return fileTool({
    name: 'read_file',
    purpose: 'Read a text file. Of a long file you get a part, and are told how to go on.',
    effect: 'read',
    input: z.strictObject({
      path: z.string().min(1).describe('The file, such as `drafts/x.md`.'),
      offset: z.int().min(1).optional().describe('First line to read, counted from 1.'),
      limit: z.int().min(1).optional().describe('How many lines to read. Leave out for as many as fit.'),
      character: z
        .int()
        .min(1)
        .optional()
        .describe(
          'First character to read of that first line, counted from 1. Only for lines too long for one answer.',
        ),
    }),
    async run({ path, offset = 1, limit = Number.MAX_SAFE_INTEGER, character = 1 }, call) {
      const file = await readTextFile(call, path);
      if (!file.ok) return file;
      const text = file.value.text.replace(/^\uFEFF/, '');
      return readPage(text, { name: quotePath(file.value.content.path), offset, limit, character });
    },
  });
}

interface PageRequest {
  readonly name: string;
  readonly offset: number;
  readonly limit: number;
  readonly character: number;
}

function readPage(text: string, { name, offset, limit, character }: PageRequest): Result<string> {
  if (text === '') return ok(`[${name} is empty]`);
  const lines = countLines(text);
  if (offset > lines)
    return fail('bad-arguments', `offset: ${name} ends with line ${lines}, before line ${offset}.`);
  const lineStart = startOfLine(text, offset);
  const lineLength = endOfLine(text, lineStart) - lineStart;
  if (character > lineLength) {
    return fail('bad-arguments', `character: line ${offset} of ${name} ends with character ${lineLength}.`);
  }
  const start = lineStart + character - 1;
  const { end, linesRead } = takeLines(text, start, limit);
  if (linesRead === 0) {
    const cut = cutInLine(text, start);
    const last = character + cut.length - 1;
    const place = `line ${offset} of ${lines}, characters ${character}-${last} of ${lineLength}`;
    return ok(`${cut}\n[${place}; go on with offset ${offset} and character ${last + 1}]`);
  }
  const page = text.slice(start, end);
  if (start === 0 && end === text.length) return ok(page);
  const last = offset + linesRead - 1;
  const next = last < lines ? `; go on with offset ${last + 1}` : '';
  return ok(`${page}${page.endsWith('\n') ? '' : '\n'}[lines ${offset}-${last} of ${lines}${next}]`);
}

/** Takes whole lines while they fit into one answer; the first may begin in its middle. */
function takeLines(
  text: string,
  start: number,
  limit: number,
): { readonly end: number; readonly linesRead: number } {
  let end = start;
  let linesRead = 0;
  while (end < text.length && linesRead < limit) {
    const next = endOfLine(text, end);
    if (next - start > answerCharactersMax) break;
    end = next;
    linesRead += 1;
  }
  return { end, linesRead };
}

/** As much of a line as fits into one answer; a character made of two halves is not cut in two. */
function cutInLine(text: string, start: number): string {
  const cut = text.slice(start, start + answerCharactersMax);
  return /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut;
}

function countLines(text: string): number {
  let lines = 0;
  for (let end = 0; end < text.length; end = endOfLine(text, end)) lines += 1;
  return lines;
}

function startOfLine(text: string, line: number): number {
  let start = 0;
  for (let before = 1; before < line; before++) start = endOfLine(text, start);
  return start;
}

/** Where the line after the one at `start` begins. */
function endOfLine(text: string, start: number): number {
  const newline = text.indexOf('\n', start);
  return newline < 0 ? text.length : newline + 1;
}
