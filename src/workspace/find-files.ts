import { type FileContent, fail, ok, type Result, type ToolCall } from '../core/index.ts';
import { quotePath } from './path.ts';
import { checkRule, compileRule, isGlob, type MatchPath } from './rule.ts';
import { decodeExactly, decodeText } from './text.ts';

/** Files named when one that was asked for is missing. */
const filesNamedMax = 20;

/** Makes the test for the files a model asks for: a path, a folder (with or without `/`), a glob, or all. */
export function compileFilter(path: string | undefined): Result<MatchPath> {
  const rule = (path ?? '').replace(/^(?:\.\/)+/, '');
  if (rule === '' || rule === '.' || rule === '/') return ok(() => true);
  const checked = checkRule(rule);
  if (!checked.ok) return checked;
  const matches = compileRule(checked.value);
  if (isGlob(checked.value) || checked.value.endsWith('/')) return ok(matches);
  const folder = `${checked.value}/`;
  return ok((each) => matches(each) || each.startsWith(folder));
}

/** A file whose bytes are text. */
export interface TextFile {
  readonly content: FileContent;
  /** The text that gives the same bytes again, so with any byte order mark. */
  readonly text: string;
}

/** Reads a text file for a model; when it is missing, the failure names what there is instead. */
export async function readTextFile({ workspace }: ToolCall, path: string): Promise<Result<TextFile>> {
  const read = await workspace.read(path);
  if (!read.ok)
    return read.failure.code === 'file-not-found' ? ((await missing(workspace, path)) ?? read) : read;
  const text = decodeText(read.value.bytes) === null ? null : decodeExactly(read.value.bytes);
  if (text !== null) return ok({ content: read.value, text });
  return fail(
    'tool-failed',
    `${quotePath(read.value.path)} is not a text file: its content cannot be read or edited here.`,
  );
}

/** Null when the file is listed all the same: then its own failure knows better what is wrong. */
async function missing(workspace: ToolCall['workspace'], path: string): Promise<Result<never> | null> {
  const paths = (await workspace.list()).map((file) => file.path);
  if (paths.includes(path.normalize('NFC'))) return null;
  const found = `There is no file ${quotePath(path)}.`;
  if (paths.length === 0) return fail('file-not-found', `${found} There are no files that may be read.`);
  const rest = paths.length - filesNamedMax;
  const named = paths.slice(0, filesNamedMax).join(', ');
  return fail(
    'file-not-found',
    `${found} There is: ${named}${rest > 0 ? ` and ${rest} more (use list_files)` : ''}.`,
  );
}
