import { z } from 'zod';
import { defineTeam, tool } from '../../src/inspan.ts';

const ask = tool({
  name: 'ask_person',
  purpose: 'Asks a person and tells the answer.',
  input: z.object({ question: z.string() }),
  effect: 'read',
  async run({ question }, call) {
    const end = await call.wait('answer', { question });
    return end.type === 'signal' ? `They say: ${JSON.stringify(end.value)}` : 'Nobody answered.';
  },
});

/** One agent that asks a person before it writes: its jobs are parked until somebody answers. */
export const waitingTeam = defineTeam({
  name: 'waiting',
  agents: {
    asker: {
      description: 'Asks.',
      prompt: 'Ask a person what to write, write your file and end.',
      tools: [ask, 'write_file'],
      reads: ['brief.md'],
      writes: 'answer.md',
    },
  },
  result: { answer: 'answer.md' },
});
