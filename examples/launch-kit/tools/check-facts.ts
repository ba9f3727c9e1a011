import { tool } from 'inspan';
import { z } from 'zod';
import { checkDraft, writeReport } from './_facts/check-draft.ts';

/** Lets a reviewer look up every fact of a draft in its source. */
export const checkFacts = tool({
  purpose:
    'Looks up every number, version, URL, name, command and quotation of a draft in its source. ' +
    'Lists those the source does not have in this form, each with the nearest thing it has. ' +
    'Call it once per draft. Numbers written as words are not compared.',
  input: z.object({
    draft: z.string().describe('path of the draft'),
    source: z.string().describe('path of the source'),
  }),
  effect: 'read',
  async run(input, { workspace }) {
    const draft = await workspace.read(input.draft);
    if (!draft.ok) return draft;
    const source = await workspace.read(input.source);
    if (!source.ok) return source;
    const decoder = new TextDecoder();
    return writeReport(
      checkDraft(decoder.decode(draft.value.bytes), decoder.decode(source.value.bytes)),
      source.value.path,
    );
  },
});
