import { z } from 'zod';
import { defineTeam, tool } from '../../src/inspan.ts';

/** Turns of the single agent that call a tool: `tick` all along, and once `write_file`. */
export const turnsMax = 20;

const tick = tool({
  name: 'tick',
  purpose: 'Counts one step and tells the count.',
  input: z.object({ n: z.number() }),
  effect: 'read',
  run: ({ n }) => Promise.resolve(`Step ${n} is counted. Go on with the next.`),
});

/** One agent that loops. */
export const oneAgent = defineTeam({
  name: 'one-agent',
  agents: {
    ticker: {
      description: 'Counts.',
      prompt:
        'You count steps. Call tick with 1, 2, 3 and so on until you are told to stop, then write your file.',
      tools: [tick, 'write_file'],
      reads: ['brief.md'],
      writes: 'answer.md',
      limits: { turns: turnsMax + 10 },
    },
  },
  result: { answer: 'answer.md' },
});

const files = ['read_file', 'write_file'] as const;

/** A lead and five members, as in `examples/launch-kit`. */
export const fiveAgents = defineTeam({
  name: 'five-agents',
  lead: {
    description: 'Leads.',
    prompt:
      'You lead a small team that turns a source into posts. Delegate step by step and end with one sentence.',
  },
  input: { files: { 'source.md': { tokensMax: 8_000 } } },
  agents: {
    extractor: member('insights', 'source.md', 'insights.md'),
    'x-writer': member('an X thread', 'insights.md', 'drafts/x.md'),
    'linkedin-writer': member('a LinkedIn post', 'insights.md', 'drafts/linkedin.md'),
    'blog-writer': member('a blog post', 'insights.md', 'drafts/blog.md'),
    reviewer: { ...member('a review', 'source.md', 'review.md'), last: true },
  },
  result: { review: 'review.md' },
});

function member(what: string, reads: string, writes: string) {
  return {
    description: `Writes ${what}.`,
    prompt: `You write ${what} from the file you are given. Keep to its facts and numbers. Read it, write your file and end.`,
    tools: [...files],
    reads: [reads],
    writes,
  };
}

/** The source of the five-agent job: a page. */
export const source =
  '# Counter\n\nCounter counts to 42 in 3 ms. It needs Node 22 and nothing else.\n'.repeat(40);
