import type { RE2JS } from 're2js';
import { z } from 'zod';
import { type FileInfo, fail, ok, type Result, type Tool, type ToolCall } from '../core/index.ts';
import { answerCharactersMax, fileTool } from './file-tool.ts';
import { compileFilter } from './find-files.ts';
import { quotePath } from './path.ts';
import { decodeText } from './text.ts';

/** The most matching lines that one answer shows. */
const linesShownMax = 100;

/** The most characters shown of one line. */
const lineCharactersMax = 300;

// The engine is linear in text × pattern; measured at 0.01–0.04 µs for each character and instruction at its worst,
// this is a search of two seconds at most, and of some 5 million characters for an ordinary pattern.
const workMax = 50_000_000;

/** Makes the tool that finds lines by a regular expression. */
export function searchFilesTool(): Tool {
  return fileTool({
    name: 'search_files',
    purpose: 'Search the text files you may read, line by line.',
    effect: 'read',
    input: z.strictObject({
      pattern: z
        .string()
        .min(1)
        .max(1000)
        .describe('A regular expression in RE2 syntax: no lookaround, no backreferences.'),
      path: z
        .string()
        .optional()
        .describe('Only this file, folder (`drafts/`) or glob (`drafts/*.md`). Leave out for all files.'),
      case_sensitive: z.boolean().optional().describe('True to tell upper from lower case. Default false.'),
    }),
    async run({ pattern, path, case_sensitive = false }, call) {
      const matches = compileFilter(path);
      if (!matches.ok) return matches;
      const expression = await compileExpression(pattern, case_sensitive);
      if (!expression.ok) return expression;
      const files = (await call.workspace.list()).filter((file) => matches.value(file.path));
      const found = await searchAll(expression.value, files, call);
      return found.ok ? ok(answer(found.value, { pattern, files: files.length })) : found;
    },
  });
}

/** The engine is loaded with the first search: most jobs never need it. */
async function compileExpression(pattern: string, isCaseSensitive: boolean): Promise<Result<RE2JS>> {
  const { RE2JS, RE2JSException } = await import('re2js');
  try {
    return ok(RE2JS.compile(pattern, isCaseSensitive ? 0 : RE2JS.CASE_INSENSITIVE));
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const reason = error.message.replace(/^error parsing regexp: /, '');
    const next =
      'Lookaround and backreferences are not known; write \\ before a character that is meant literally.';
    return fail(
      'bad-arguments',
      `pattern: not a regular expression that can be searched (${reason}). ${next}`,
    );
  }
}

interface Found {
  readonly shown: readonly string[];
  /** Matching lines that did not fit into the answer. */
  readonly leftOut: number;
  /** Where the search was given up, as `path:line`. */
  readonly stoppedAt: string | null;
  readonly unread: readonly string[];
}

async function searchAll(
  expression: RE2JS,
  files: readonly FileInfo[],
  { workspace, signal }: ToolCall,
): Promise<Result<Found>> {
  const search = createSearch(expression);
  const unread: string[] = [];
  for (const { path } of files) {
    if (signal.aborted) return fail('cancelled', 'The search was cancelled.');
    const read = await workspace.read(path);
    if (!read.ok) unread.push(path);
    const text = read.ok ? decodeText(read.value.bytes) : null;
    if (text !== null && !search.addFile(path, text)) break;
  }
  return ok({ ...search.found(), unread });
}

interface Search {
  /** Searches one file. False: the work is used up, and nothing more can be searched. */
  addFile(path: string, text: string): boolean;
  found(): Omit<Found, 'unread'>;
}

function createSearch(expression: RE2JS): Search {
  const shown: string[] = [];
  const instructions = Math.max(1, expression.programSize());
  let charactersLeft = Math.floor(workMax / instructions);
  let charactersShown = 0;
  let leftOut = 0;
  let stoppedAt: string | null = null;

  function addLine(line: string, place: string): void {
    if (shown.length === linesShownMax || charactersShown > answerCharactersMax) {
      leftOut += 1;
      return;
    }
    const text = `${place}: ${excerpt(line, expression)}`;
    charactersShown += text.length + 1;
    shown.push(text);
  }

  return {
    addFile(path, text) {
      const lines = text.split('\n');
      for (const [before, line] of lines.entries()) {
        const place = `${path}:${before + 1}`;
        charactersLeft -= line.length + 1;
        if (charactersLeft < 0) {
          stoppedAt = place;
          return false;
        }
        const isAfterEnd = before === lines.length - 1 && line === '';
        const visible = line.replace(/\r$/, '');
        if (!isAfterEnd && expression.test(visible)) addLine(visible, place);
      }
      return true;
    },
    found: () => ({ shown, leftOut, stoppedAt }),
  };
}

/** Shows a line, of a long one what stands around the first match. */
function excerpt(line: string, expression: RE2JS): string {
  if (line.length <= lineCharactersMax) return line;
  const matcher = expression.matcher(line);
  const start = matcher.find() ? Math.max(0, matcher.start() - lineCharactersMax / 3) : 0;
  const piece = line.slice(start, start + lineCharactersMax).toWellFormed();
  return `${start > 0 ? '…' : ''}${piece}${start + lineCharactersMax < line.length ? '…' : ''}`;
}

function answer(found: Found, asked: { readonly pattern: string; readonly files: number }): string {
  const { shown, leftOut, stoppedAt, unread } = found;
  const none = `No line matches ${quotePath(asked.pattern)} in ${asked.files === 1 ? '1 file' : `${asked.files} files`}.`;
  const notes = [
    shown.length === 0 ? none : '',
    leftOut > 0 ? `[${leftOut} more matching lines left out; narrow pattern or path]` : '',
    stoppedAt === null
      ? ''
      : `[stopped before ${stoppedAt}: too much to search; narrow path or simplify pattern]`,
    unread.length > 0 ? `[could not be read: ${unread.slice(0, 10).join(', ')}]` : '',
  ];
  return [...shown, ...notes].filter((line) => line !== '').join('\n');
}
