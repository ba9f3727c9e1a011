/**
 * What the prompt cache saves, and how much of what it could hold Inspan's layout makes it hold.
 *
 * Jobs run through the real SDK against the simulator, which bills by the providers' published rules. Each job runs in
 * four modes; they differ only in the cache marks of the request bodies:
 *   none       no caching
 *   system     one mark, at the end of the system part
 *   automatic  the provider's own automatic caching (a mark at the top level of the request)
 *   inspan     the marks and lives that Inspan's layout chose
 *
 * `of readable` is what was read of all tokens that the rules allow to be read: prefixes that had been sent before.
 * Times to first token are by a simulated prompt speed of 200,000 tokens per second, so only their ratios tell anything.
 *
 * npm run bench:cache
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { noUsage, totalInputTokens, type Usage } from '../src/core/index.ts';
import { createInspan, defineTeam, type Inspan, type Job, type Team, tool } from '../src/inspan.ts';
import { costMicroUsd, createTransport, type Fetch, priceOf } from '../src/models/index.ts';
import { startSimulator } from '../src/simulator.ts';

/** Of the tokens that the rules allow to be read. */
const readableShareMin = 0.95;
/** Of the input cost without caching, for a prefix of 10,000 tokens over 20 turns. */
const savedShareMin = 0.8;

const model = 'anthropic/claude-sonnet-5';
const jobsNumber = 100;
const jobsAtOnce = 8;
const promptTokensPerSecond = 200_000;

type Body = Record<string, unknown>;
const mark = { type: 'ephemeral' };

/** Changes the cache marks of a request body. */
const modes: Readonly<Record<string, (body: Body) => Body>> = {
  none: withoutMarks,
  system(body) {
    const bare = withoutMarks(body);
    const system = bare['system'] as Body[] | undefined;
    return {
      ...bare,
      system: system?.map((block, at) =>
        at === system.length - 1 ? { ...block, cache_control: mark } : block,
      ),
    };
  },
  automatic: (body) => ({ ...withoutMarks(body), cache_control: mark }),
  inspan: (body) => body,
};

function withoutMarks(body: Body): Body {
  return JSON.parse(
    JSON.stringify(body, (key, value: unknown) => (key === 'cache_control' ? undefined : value)),
  ) as Body;
}

interface Measured {
  readonly usage: Usage;
  readonly readableTokens: number;
  readonly requests: number;
  readonly costMicroUsd: number;
  readonly firstTokenMs: number;
}

interface Scenario {
  readonly name: string;
  readonly profile: object;
  run(inspan: Inspan): Promise<readonly Job[]>;
}

async function measure({ profile, run }: Scenario, rewrite: (body: Body) => Body): Promise<Measured> {
  const simulator = await startSimulator({ profile });
  const transport = createTransport();
  const fetch: Fetch = async (input, init) => {
    const body = rewrite(JSON.parse(init?.body as string) as Body);
    return await transport.fetch(input, { ...init, body: JSON.stringify(body) });
  };
  const inspan = createInspan({ environment: simulator.environment, model, fetch });
  const firstTokens: number[] = [];
  for (const job of await run(inspan)) {
    for await (const event of job.events()) {
      if (event.type === 'model-called' && event.timing !== undefined)
        firstTokens.push(event.timing.firstTokenMs);
    }
    await job.result();
  }
  await inspan.close();
  transport.close();
  const { total } = simulator.accounts();
  await simulator.close();
  return {
    usage: total.usage,
    readableTokens: total.readableTokens,
    requests: total.requests.answered,
    costMicroUsd: total.costMicroUsd,
    firstTokenMs: median(firstTokens),
  };
}

/** A hundred jobs of the launch kit, each on another source. */
const launchKit: Scenario = {
  name: `${jobsNumber} jobs of examples/launch-kit, ${jobsAtOnce} at a time`,
  profile: { speed: { promptTokensPerSecond } },
  async run(inspan) {
    const team = await inspan.loadTeam('examples/launch-kit');
    const source = await readFile('bench/source.md', 'utf8');
    return await inTurns(jobsNumber, (number) =>
      inspan.start(team, {
        brief: `Launch number ${number} to developers.`,
        files: { 'source.md': `# Release ${number}\n\n${source}` },
      }),
    );
  },
};

/** One agent that calls a tool again and again, behind a prefix of 10,000 tokens. */
function toolLoop(turns: number): Scenario {
  return {
    name: `one agent, ${turns} turns, a prefix of 10,000 tokens`,
    profile: { speed: { promptTokensPerSecond }, brain: { fixed: { tokens: 60, toolCalls: turns - 1 } } },
    run: async (inspan) => [await inspan.start(loopTeam(turns), { brief: 'Look up everything.' })],
  };
}

function loopTeam(turns: number): Team {
  const lookUp = tool({
    name: 'look_up',
    purpose: 'Looks something up.',
    input: z.object({ key: z.string().optional() }),
    effect: 'read',
    run: async () => 'Forty-two is what was found here, and it was found nowhere else. '.repeat(12),
  });
  const rules = Array.from(
    { length: 900 },
    (_, index) => `Rule ${index}: leave things better than you found them.`,
  );
  return defineTeam({
    agents: {
      clerk: {
        description: 'Looks things up.',
        prompt: `You look things up.\n\n${rules.join('\n')}`,
        tools: [lookUp],
        reads: ['brief.md'],
        output: { type: 'object', properties: { found: { type: 'string' } } },
        limits: { turns: turns + 2 },
      },
    },
  }) as Team;
}

async function inTurns(number: number, start: (number: number) => Promise<Job>): Promise<readonly Job[]> {
  const jobs: Job[] = [];
  let next = 1;
  const one = async (): Promise<void> => {
    while (next <= number) {
      const job = await start(next++);
      jobs.push(job);
      await job.outcome();
    }
  };
  await Promise.all(Array.from({ length: jobsAtOnce }, one));
  return jobs;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

function inputCost({ usage }: Measured): number {
  const price = priceOf(model);
  if (price === null) throw new Error(`No price is known for ${model}`);
  return costMicroUsd(price, { ...noUsage, ...usage, outputTokens: 0, reasoningTokens: 0 });
}

function readTokens({ usage }: Measured): number {
  return usage.cacheReadTokens === 'unknown' ? 0 : usage.cacheReadTokens;
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
let passed = true;

/** Prints a figure that is promised, and whether the promise holds. */
function promise(what: string, share: number, shareMin: number): void {
  const holds = share >= shareMin;
  passed &&= holds;
  console.log(`${holds ? 'holds' : 'BROKEN'}: ${what} ${percent(share)} (at least ${percent(shareMin)})`);
}

for (const scenario of [launchKit, toolLoop(20), toolLoop(40)]) {
  console.log(`\n${scenario.name}`);
  console.log(
    'mode       requests  input tokens  read     of readable  input cost  saved    whole cost  first token',
  );
  const results: Record<string, Measured> = {};
  for (const [mode, rewrite] of Object.entries(modes)) {
    const measured = await measure(scenario, rewrite);
    results[mode] = measured;
    const input = totalInputTokens(measured.usage);
    const saved = 1 - inputCost(measured) / inputCost(results['none'] ?? measured);
    const cells = [
      mode.padEnd(9),
      String(measured.requests).padStart(9),
      input.toLocaleString('en-US').padStart(12),
      percent(readTokens(measured) / input).padStart(7),
      percent(measured.readableTokens === 0 ? 0 : readTokens(measured) / measured.readableTokens).padStart(
        11,
      ),
      `$${(inputCost(measured) / 1e6).toFixed(4)}`.padStart(11),
      percent(saved).padStart(7),
      `$${(measured.costMicroUsd / 1e6).toFixed(4)}`.padStart(11),
      `${measured.firstTokenMs.toFixed(1)} ms`.padStart(11),
    ];
    console.log(cells.join('  '));
  }
  const own = results['inspan'];
  if (own === undefined) continue;
  promise('read of what the rules allow', readTokens(own) / own.readableTokens, readableShareMin);
  if (scenario.name.includes('20 turns')) {
    const none = results['none'] ?? own;
    promise('input cost saved', 1 - inputCost(own) / inputCost(none), savedShareMin);
  }
}
process.exitCode = passed ? 0 : 1;
