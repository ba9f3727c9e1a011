/** The scripted provider of the bench, a process of its own. Prints its port; ends when its stdin ends. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { type Asked, nextStep } from './script.ts';
import { chatWire, messagesWire } from './wires.ts';

const server = createServer(
  { keepAliveTimeout: 60_000 },
  (request, response) => void answer(request, response),
);
// A thousand jobs connect at once: the system's own backlog would refuse some.
server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
  const address = server.address();
  console.log(typeof address === 'object' ? address?.port : address);
});
process.stdin.resume().on('end', () => process.exit(0));

/** The path says how: `/<turns>/<latency in ms>/v1/messages`. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, turns = '', latency = '', ...rest] = (request.url ?? '').split('?')[0]?.split('/') ?? [];
  const wire = rest.join('/') === 'v1/messages' ? messagesWire : chatWire;
  const body = JSON.parse(await textOf(request)) as WireRequest;
  const asked = askedIn(body, Number(turns));
  const step = nextStep(asked);
  if (latency !== '0') await wait(Number(latency));
  const text = body.stream ? wire.sse(step, asked.turn) : wire.json(step, asked.turn);
  const type = body.stream ? 'text/event-stream' : 'application/json';
  response.writeHead(200, { 'content-type': type, 'request-id': `req_${asked.turn}` }).end(text);
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

interface WireRequest {
  readonly stream?: boolean;
  readonly tools?: readonly WireTool[];
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
}

interface WireTool {
  readonly name?: string;
  readonly input_schema?: ToolSchema;
  readonly function?: { readonly name: string; readonly parameters?: ToolSchema };
}

interface ToolSchema {
  readonly properties?: { readonly agent?: { readonly enum?: readonly string[] } };
}

function askedIn({ tools = [], messages }: WireRequest, turnsMax: number): Asked {
  const schemas = tools.map((tool) => tool.input_schema ?? tool.function?.parameters);
  const content = messages.find(({ role }) => role === 'user')?.content;
  return {
    tools: tools.map((tool) => tool.name ?? tool.function?.name ?? ''),
    members: schemas.flatMap((schema) => schema?.properties?.agent?.enum ?? []),
    task: typeof content === 'string' ? content : ((content as { text?: string }[])[0]?.text ?? ''),
    turn: messages.filter(({ role }) => role === 'assistant').length,
    turnsMax,
  };
}
