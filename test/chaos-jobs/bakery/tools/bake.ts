import { z } from 'zod';
import { tool } from '../../../../src/inspan.ts';
import { note } from './_books/note.ts';

/** Cannot be done twice. No wire says what a tool may change: without `read-only` the simulator would not call it. */
export const bake = tool({
  purpose: 'Bakes what the order of a file asks for and gives a read-only receipt.',
  input: z.object({ file: z.string().describe('The file that holds the order.') }),
  effect: 'outside',
  run: async ({ file }, call) => `Order ${await note('baked', file, call)} is baked.`,
});
