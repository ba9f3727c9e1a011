import { z } from 'zod';
import { ok, type Tool } from '../core/index.ts';
import { fileTool, withCommas } from './file-tool.ts';
import { quotePath } from './path.ts';

/** Makes the tool that writes a whole file. */
export function writeFileTool(): Tool {
  return fileTool({
    name: 'write_file',
    purpose: 'Write a whole text file. What it held before is replaced.',
    effect: 'write',
    input: z.strictObject({
      path: z.string().min(1).describe('The file, such as `drafts/x.md`.'),
      content: z.string().describe('Everything that the file shall hold.'),
    }),
    async run({ path, content }, { workspace }) {
      const written = await workspace.write(path, content, null);
      if (!written.ok) return written;
      return ok(`Wrote ${quotePath(written.value.path)} (${withCommas(written.value.bytesSize)} bytes).`);
    },
  });
}
