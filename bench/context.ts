/**
 * What isolation saves: the same five-agent job with isolated agents, and in one shared thread.
 *
 * The isolated job is really run, on the offline model, and every request it sends is kept. The shared thread is made
 * of the same turns in the same order: one conversation whose system part holds every agent's prompt, skill and tools,
 * and whose history holds everything said so far. In its favour, a file that stands in the thread is not read again.
 *
 * npm run bench:context            on bench/source.md, which never changes, so that figures can be compared
 * npm run bench:context -- FILE    on another document
 */
import { readFile } from 'node:fs/promises';
import { messageTokens, requestTokens } from '../src/context/index.ts';
import type { CountTokens, Message, Model, ModelRequest } from '../src/core/index.ts';
import { createInspan, type EndedJob } from '../src/inspan.ts';
import { createTokenCounter } from '../src/models/index.ts';
import { offlineModel } from '../src/sim/index.ts';

/** The lead's context must be this much smaller than the shared thread. */
const leadSavingMin = 0.85;
/** The fullest context of any isolated agent. */
const agentTokensMax = 5_000;

const countTokens = await createTokenCounter();
const source = process.argv[2] ?? 'bench/source.md';
const requests: ModelRequest[] = [];
const ended = await runIsolated();
const lanes = lanesOf(requests);
const shared = sharedThread(lanes, countTokens);
const passed = report();
process.exitCode = passed ? 0 : 1;

async function runIsolated(): Promise<EndedJob> {
  const offline = offlineModel({ countTokens });
  const recording: Model = {
    ...offline,
    stream(request, signal) {
      requests.push(request);
      return offline.stream(request, signal);
    },
  };
  const inspan = createInspan({ environment: {}, model: recording });
  const team = await inspan.loadTeam('examples/launch-kit');
  const files = { 'source.md': await readFile(source) };
  const job = await inspan.start(team, { brief: 'Launch it to developers.', files });
  return await job.result();
}

/** The requests of one agent run, in order. */
interface Lane {
  readonly agent: string;
  readonly requests: readonly ModelRequest[];
}

function lanesOf(all: readonly ModelRequest[]): readonly Lane[] {
  const names = [...new Set(all.map(({ lane }) => lane))];
  return names.map((name) => ({
    agent: name.split('/').at(-1) ?? name,
    requests: all.filter(({ lane }) => lane === name),
  }));
}

interface SharedThread {
  /** Tokens of the thread when each agent has finished. */
  readonly atEndOf: ReadonlyMap<string, number>;
  readonly finalTokens: number;
  /** Input of all calls together. */
  readonly billedTokens: number;
}

function sharedThread(all: readonly Lane[], count: CountTokens): SharedThread {
  const systemTexts = new Set(all.flatMap((lane) => lane.requests[0]?.system.map(({ text }) => text) ?? []));
  const tools = new Map(
    all.flatMap((lane) => lane.requests[0]?.tools.map((tool) => [tool.name, tool] as const) ?? []),
  );
  const statics: ModelRequest = {
    lane: 'shared',
    tools: [...tools.values()],
    system: [...systemTexts].map((text, index) => ({ id: `${index}`, stability: 'release', text })),
    messages: [],
    outputTokensMax: 1,
  };
  let thread = requestTokens(statics, count);
  let billedTokens = 0;
  const said = new Set<string>();
  const atEndOf = new Map<string, number>();
  // The lead speaks first and last; its members work in between, as they did.
  for (const { agent, requests: own } of [
    ...all.filter(isMember),
    ...all.filter((lane) => !isMember(lane)),
  ]) {
    let heard = 0;
    for (const request of own) {
      thread += messageTokens(withoutRepeats(request.messages.slice(heard), said), count);
      heard = request.messages.length;
      billedTokens += thread;
    }
    atEndOf.set(agent, thread);
  }
  return { atEndOf, finalTokens: thread, billedTokens };
}

function isMember({ agent }: Lane): boolean {
  return agent !== 'lead';
}

function withoutRepeats(messages: readonly Message[], said: Set<string>): readonly Message[] {
  return messages.map((message) =>
    message.role === 'assistant'
      ? message
      : {
          ...message,
          blocks: message.blocks.map((block) => {
            if (block.type !== 'tool-result' || !said.has(block.text)) {
              if (block.type === 'tool-result') said.add(block.text);
              return block;
            }
            return { ...block, text: '(stands above)' };
          }),
        },
  );
}

function report(): boolean {
  const { agents, total } = ended.usage;
  const lead = agents['lead']?.contextTokens ?? 0;
  const saving = 1 - lead / shared.finalTokens;
  const fullest = Math.max(...Object.values(agents).map(({ contextTokens }) => contextTokens));
  const isolatedInput = total.usage.inputTokens;
  const rows = Object.entries(agents).map(([name, account]) => [
    name,
    format(account.contextTokens),
    format(shared.atEndOf.get(name) ?? 0),
    format(account.usage.inputTokens),
  ]);
  print(['agent', 'isolated context', 'shared thread', 'isolated input, all calls'], rows);
  console.log('');
  console.log(
    `source                  ${source}, ${format(countTokens(ended.files['source.md'] ?? ''))} tokens`,
  );
  console.log(
    `lead's thread           ${format(lead)} tokens, ${(saving * 100).toFixed(1)} % smaller than the shared thread (at least 85)`,
  );
  console.log(`fullest agent           ${format(fullest)} tokens (at most 5,000)`);
  console.log(`shared thread           ${format(shared.finalTokens)} tokens at the end`);
  console.log(
    `billed input            ${format(isolatedInput)} isolated, ${format(shared.billedTokens)} shared: ${(shared.billedTokens / isolatedInput).toFixed(1)} times as much`,
  );
  return saving >= leadSavingMin && fullest <= agentTokensMax;
}

function print(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  for (const row of [head, ...rows]) {
    console.log(
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  '),
    );
  }
}

function format(tokens: number): string {
  return tokens.toLocaleString('en');
}
