import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { type Failure, failure, isJsonObject, type Place } from '../core/index.ts';
import { explainImportError, type ToolFilePlace } from './explain-import-error.ts';
import type { UnnamedTool } from './tool.ts';

/** The one tool of a file, or everything that is wrong with the file. */
export type ImportedTool =
  | { readonly ok: true; readonly tool: UnnamedTool }
  | { readonly ok: false; readonly failures: readonly Failure[] };

/** Imports a file that must export exactly one tool. Runs its code. */
export async function importToolFile(path: string, where: ToolFilePlace): Promise<ImportedTool> {
  const imported = await importModule(path);
  if (imported.ok) return onlyTool(imported.exports, where.place);
  const source = await readSource(path);
  return { ok: false, failures: explainImportError(imported.error, { ...where, path, source }) };
}

/** The text to find lines in; empty for what is no file at all, such as a link that leads nowhere. */
async function readSource(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    return '';
  }
}

async function importModule(
  path: string,
): Promise<
  | { readonly ok: true; readonly exports: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly error: unknown }
> {
  try {
    const exports: unknown = await import(/* @vite-ignore */ pathToFileURL(path).href);
    return { ok: true, exports: exports as Readonly<Record<string, unknown>> };
  } catch (error) {
    // Anything may be thrown by somebody else's code: all of it is told to the person who wrote it.
    return { ok: false, error };
  }
}

function onlyTool(exports: Readonly<Record<string, unknown>>, place: Place): ImportedTool {
  const tools = Object.entries(exports).filter((entry): entry is [string, UnnamedTool] => isTool(entry[1]));
  const [first] = tools;
  const wrong = (message: string): ImportedTool => ({
    ok: false,
    failures: [failure('wrong-team', message, { place })],
  });
  if (first === undefined) {
    return wrong(
      'No tool is exported: write `export default tool({ purpose, input, run })`, with `tool` from inspan.',
    );
  }
  // The same tool may be exported twice, as default and by name.
  if (new Set(tools.map(([, tool]) => tool)).size === 1) return { ok: true, tool: first[1] };
  const names = tools.map(([name]) => name).join(', ');
  return wrong(`${tools.length} tools are exported (${names}): move all but one into files of their own.`);
}

/** Told by its shape: the file may have its `tool` from another copy of the package. */
function isTool(value: unknown): value is UnnamedTool {
  return (
    typeof value === 'object' &&
    value !== null &&
    'purpose' in value &&
    typeof value.purpose === 'string' &&
    'inputSchema' in value &&
    isJsonObject(value.inputSchema) &&
    'parse' in value &&
    typeof value.parse === 'function' &&
    'run' in value &&
    typeof value.run === 'function'
  );
}
