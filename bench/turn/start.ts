/** One job in a fresh process, of the built package: `start.ts <baseUrl>`. Whoever listens there sees its first request. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

type Package = typeof import('../../src/inspan.ts');

const dist = pathToFileURL(join(import.meta.dirname, '../../dist/inspan.js')).href;
const { createInspan, defineTeam } = (await import(dist)) as Package;
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
