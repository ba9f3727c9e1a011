import { z } from 'zod';
import { fail, ok, type Result, type Tool } from '../core/index.ts';
import { fileTool } from './file-tool.ts';
import { readTextFile } from './find-files.ts';
import { quotePath } from './path.ts';

/** Places named when a text occurs more than once. */
const placesNamedMax = 10;

/** Makes the tool that replaces a piece of a text file. */
export function editFileTool(): Tool {
  return fileTool({
    name: 'edit_file',
    purpose: 'Replace a piece of a text file. The rest stays as it is.',
    effect: 'write',
    input: z.strictObject({
      path: z.string().min(1).describe('The file, such as `drafts/x.md`.'),
      old_text: z
        .string()
        .min(1)
        .describe('The piece, exactly as it stands in the file. It must occur only once.'),
      new_text: z.string().describe('What stands there instead. Empty to remove the piece.'),
      replace_all: z.boolean().optional().describe('True to replace every occurrence.'),
    }),
    async run({ path, old_text, new_text, replace_all = false }, call) {
      const file = await readTextFile(call, path);
      if (!file.ok) return file;
      const { content, text } = file.value;
      const name = quotePath(content.path);
      const edited = edit(text, { name, oldText: old_text, newText: new_text, replaceAll: replace_all });
      if (!edited.ok) return edited;
      const written = await call.workspace.write(content.path, edited.value.text, content.version);
      if (!written.ok) return written;
      const { count } = edited.value;
      return ok(`Edited ${name}: replaced ${count === 1 ? '1 occurrence' : `${count} occurrences`}.`);
    },
  });
}

interface Edit {
  readonly name: string;
  readonly oldText: string;
  readonly newText: string;
  readonly replaceAll: boolean;
}

interface Edited {
  readonly text: string;
  /** How many occurrences were replaced. */
  readonly count: number;
}

function edit(text: string, { name, oldText, newText, replaceAll }: Edit): Result<Edited> {
  const pattern = literalPattern(oldText);
  const { count, first } = findPlaces(text, pattern);
  if (count === 0) {
    const next = 'Read the file and copy the piece exactly, with its spaces and line breaks.';
    return fail('edit-refused', `old_text occurs 0 times in ${name}. ${next}`);
  }
  if (count > 1 && !replaceAll) {
    const lines = first.map((place) => text.slice(0, place).split('\n').length).join(', ');
    const found = `old_text occurs ${count} times in ${name}: line ${lines}${count > first.length ? ', …' : ''}.`;
    return fail('edit-refused', `${found} Add what stands around the piece you mean, or set replace_all.`);
  }
  const replacement = withLineBreaksOf(text, newText);
  const edited = text.replace(pattern, () => replacement);
  if (edited !== text) return ok({ text: edited, count });
  return fail('edit-refused', `The edit of ${name} changes nothing: old_text and new_text are the same.`);
}

interface Places {
  readonly count: number;
  /** Where the first of them begin. */
  readonly first: readonly number[];
}

function findPlaces(text: string, pattern: RegExp): Places {
  const first: number[] = [];
  let count = 0;
  for (const { index } of text.matchAll(pattern)) {
    count += 1;
    if (count <= placesNamedMax) first.push(index);
  }
  return { count, first };
}

/** Finds a text literally, but for line breaks, which models rarely know: each stands for either kind. */
function literalPattern(text: string): RegExp {
  const lines = text.split(/\r?\n/).map((line) => line.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
  return new RegExp(lines.join('\\r?\\n'), 'g');
}

/** Writes a text with the line breaks of the file that it goes into; the first one there decides. */
function withLineBreaksOf(file: string, text: string): string {
  const lineBreak = /\r?\n/.exec(file)?.[0];
  return lineBreak === undefined ? text : text.replace(/\r?\n/g, lineBreak);
}
