import { z } from 'zod';
import { type FileInfo, ok, type Tool } from '../core/index.ts';
import { answerCharactersMax, fileTool, withCommas } from './file-tool.ts';
import { compileFilter } from './find-files.ts';
import { quotePath } from './path.ts';

/** Makes the tool that shows which files there are. */
export function listFilesTool(): Tool {
  return fileTool({
    name: 'list_files',
    purpose: 'List the files you may read, with their sizes.',
    effect: 'read',
    input: z.strictObject({
      path: z
        .string()
        .optional()
        .describe('Only this file, folder (`drafts/`) or glob (`drafts/*.md`). Leave out for all files.'),
    }),
    async run({ path }, { workspace }) {
      const matches = compileFilter(path);
      if (!matches.ok) return matches;
      const all = await workspace.list();
      const files = all.filter((file) => matches.value(file.path));
      if (files.length > 0) return ok(listing(files));
      if (all.length === 0) return ok('There are no files that you may read.');
      return ok(
        `No file matches ${quotePath(path ?? '')}. Without path, list_files shows all ${all.length}.`,
      );
    },
  });
}

function listing(files: readonly FileInfo[]): string {
  const lines: string[] = [];
  let characters = 0;
  for (const file of files) {
    const line = fileLine(file);
    characters += line.length + 1;
    if (characters > answerCharactersMax) {
      lines.push(`[${withCommas(files.length - lines.length)} more files; narrow path to see them]`);
      break;
    }
    lines.push(line);
  }
  return lines.join('\n');
}

function fileLine({ path, bytesSize }: FileInfo): string {
  return `${path} (${withCommas(bytesSize)} ${bytesSize === 1 ? 'byte' : 'bytes'})`;
}
