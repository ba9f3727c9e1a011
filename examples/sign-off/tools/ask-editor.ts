import { tool } from 'inspan';
import { z } from 'zod';

/** What an editor answers. */
const answerShape = z.object({ approved: z.boolean(), note: z.string().optional() });

/** An editor who says nothing within a week has not agreed. */
const timeoutMs = 7 * 24 * 60 * 60_000;

/** Asks a person, for as long as it takes: a durable job is parked meanwhile and costs nothing. */
export const askEditor = tool({
  purpose:
    'Asks the editor whether a file may be announced. Call it once per file, and do as the answer says.',
  input: z.object({ path: z.string().describe('path of the file') }),
  effect: 'read',
  async run({ path }, { wait }) {
    const end = await wait('sign-off', { question: { may: 'be announced', path }, timeoutMs });
    if (end.type === 'timeout') return 'Refused: the editor did not answer in time.';
    const answer = answerShape.safeParse(end.value);
    if (!answer.success) return 'Refused: the editor gave no clear answer.';
    const { approved, note } = answer.data;
    return `${approved ? 'Approved' : 'Refused'}${note === undefined ? '.' : `: ${note}`}`;
  },
});
