import type { Brief } from '../../src/inspan.ts';
import { createInspan, type Inspan, type Team } from '../../src/inspan.ts';
import { fiveAgents, oneAgent, source } from './teams.ts';

/** Which model answers, by the wire it speaks. */
export const modelOf = Object.freeze({ messages: 'anthropic/claude-haiku-4-5', chat: 'bench/model' });

/** What runs a job of the bench. */
export interface Subject {
  readonly one: () => Promise<void>;
  readonly five: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** How Inspan reaches the server of the bench. */
export interface Access {
  /** Before `/v1`. */
  readonly baseUrl: string;
  readonly wire: keyof typeof modelOf;
  /** Whether answers are streamed. */
  readonly stream: boolean;
  readonly fetch?: typeof globalThis.fetch;
}

/** Inspan as a user has it: the whole onion, the vendor's SDK, a journal in memory. */
export function inspanSubject({ baseUrl, wire, stream, fetch }: Access): Subject {
  const inspan = createInspan({
    environment: {},
    model: modelOf[wire],
    providers: {
      anthropic: { baseUrl, apiKey: 'bench-key', streaming: stream },
      bench: { baseUrl: `${baseUrl}/v1`, apiKey: 'bench-key', streaming: stream },
    },
    ...(fetch === undefined ? {} : { fetch }),
  });
  return {
    one: () => run(inspan, oneAgent, { brief: 'Count.' }),
    five: () => run(inspan, fiveAgents, { brief: 'Launch it.', files: { 'source.md': source } }),
    close: () => inspan.close(),
  };
}

async function run(
  inspan: Inspan,
  team: Team,
  brief: { readonly brief: string; readonly files?: Brief['files'] },
): Promise<void> {
  const job = await inspan.start(team, brief);
  await job.result();
}
