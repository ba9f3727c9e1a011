/**
 * Calls a model directly: streamed, with a tool and the prompt cache, and says what that cost with and without the cache.
 *
 * node examples/one-call/one-call.ts [provider/model]
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createInspan,
  createMemoryWorkspace,
  failureLine,
  type ModelRequest,
  type Reply,
  tool,
  type Usage,
} from 'inspan';
import { z } from 'zod';
import { orders } from './orders.ts';
import { showBill } from './show-bill.ts';

type Message = ModelRequest['messages'][number];

const questions = [
  'Order 4711 came today with a cracked lens, the customer says. What do we do?',
  'The customer of order 4712 wants her money back. May she have it?',
  'Write to the customer of order 4712, in three sentences.',
];

const lookUpOrder = tool({
  name: 'look_up_order',
  purpose:
    'Looks up an order: product, price, country, status, days since delivery. Call it before you answer.',
  input: z.object({ number: z.string().describe('the four digits of the order') }),
  effect: 'read',
  run: ({ number }) => ({ ...(orders[number] ?? { problem: `There is no order ${number}.` }) }),
});

// What the model is shown of the tool; the rest of it runs here.
const { name, purpose, inputSchema, effect } = lookUpOrder;

const inspan = createInspan();
const model = await inspan.openModel(process.argv[2] ?? 'anthropic/claude-sonnet-5');
const handbook = await readFile(join(import.meta.dirname, 'handbook.md'), 'utf8');
const usages: Usage[] = [];
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());

/** What never changes stands first and is marked; the newest message is marked too, so that the next call reads it. */
function requestOf(messages: readonly Message[]): ModelRequest {
  const marked = messages.map((message, at) =>
    at === messages.length - 1 && message.role === 'user'
      ? { ...message, cacheMark: 'short' as const }
      : message,
  );
  return {
    lane: 'support',
    tools: [{ name, purpose, inputSchema, effect }],
    system: [{ id: 'handbook', stability: 'release', text: handbook, cacheMark: 'short' }],
    messages: marked,
    outputTokensMax: 2_000,
  };
}

/** One call: its text is printed as it comes, its end is the reply or a failure. */
async function call(messages: readonly Message[]): Promise<Reply> {
  for await (const event of model.stream(requestOf(messages), stop.signal)) {
    if (event.type === 'text') process.stdout.write(event.text);
    if (event.type === 'retracted') process.stdout.write('\n(The answer begins again.)\n');
    if (event.type !== 'end') continue;
    if (event.end.type === 'failed') throw new Error(failureLine(event.end.failure));
    const { reply, attempts = [] } = event.end;
    // Attempts that broke off before this answer are on the bill as well.
    usages.push(...attempts.map(({ usage }) => usage), reply.usage);
    return reply;
  }
  throw new Error('A model always ends its stream with `end`.');
}

const workspace = createMemoryWorkspace();

/** Only jobs can wait for people. */
async function nobody(): Promise<never> {
  throw new Error('Nobody answers a single call.');
}

/** Runs the tools a reply asks for. What is wrong with a call is told to the model, which can mend it. */
async function resultsOf(reply: Reply): Promise<Message> {
  const calls = reply.blocks.filter((block) => block.type === 'tool-call');
  const blocks = calls.map(async ({ id, input }) => {
    const parsed = lookUpOrder.parse(input);
    console.log(`  ${name} ${JSON.stringify(input)}`);
    const place = {
      agent: 'support',
      key: id,
      idempotencyKey: id,
      workspace,
      signal: stop.signal,
      wait: nobody,
    };
    const ran = parsed.ok ? await lookUpOrder.run(parsed.value, place) : parsed;
    return {
      type: 'tool-result' as const,
      id,
      text: ran.ok ? ran.value.text : ran.failure.message,
      failed: !ran.ok,
    };
  });
  return { role: 'user', blocks: await Promise.all(blocks) };
}

let messages: readonly Message[] = [];
for (const question of questions) {
  console.log(`\n> ${question}\n`);
  messages = [...messages, { role: 'user', blocks: [{ type: 'text', text: question }] }];
  for (let turn = 1; turn <= 5; turn += 1) {
    const reply = await call(messages);
    messages = [...messages, { role: 'assistant', blocks: reply.blocks }];
    if (reply.stop !== 'tool-calls') break;
    messages = [...messages, await resultsOf(reply)];
  }
  console.log();
}
console.log(await showBill(usages, (usage) => inspan.costOf(model.id, usage)));
await inspan.close();
