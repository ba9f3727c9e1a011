// One job in a fresh process, of the built package: `start.mjs <baseUrl>`. Whoever listens there sees its first request.
// Not TypeScript: what runs in production was built, and pays for no compiler at its start.
import { createInspan, defineTeam } from '../../dist/inspan.js';

const inspan = createInspan({
  environment: {},
  model: 'anthropic/claude-haiku-4-5',
  providers: { anthropic: { baseUrl: process.argv[2] ?? '', apiKey: 'bench-key' } },
});
const team = defineTeam({
  name: 'one-agent',
  agents: { writer: { description: 'Writes.', prompt: 'Write.', reads: ['brief.md'], writes: 'answer.md' } },
  result: { answer: 'answer.md' },
});
const job = await inspan.start(team, { brief: 'Say hello.' });
await job.outcome();
await inspan.close();
