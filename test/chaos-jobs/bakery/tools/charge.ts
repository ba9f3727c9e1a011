import { z } from 'zod';
import { tool } from '../../../../src/inspan.ts';
import { note } from './_books/note.ts';

/** May be repeated, because whoever is called knows a repetition by its key. */
export const charge = tool({
  purpose: 'Charges for the order of a file and gives a read-only receipt.',
  input: z.object({ file: z.string().describe('The file that holds the order.') }),
  effect: 'outside',
  replay: 'safe',
  run: async ({ file }, call) => `Order ${await note('charged', file, call)} is paid.`,
});
