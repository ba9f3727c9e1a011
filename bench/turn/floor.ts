import type { Access, Subject } from './inspan.ts';
import { inspanSubject } from './inspan.ts';

/** A request body, as JSON of either wire. */
interface Body {
  readonly messages: readonly unknown[];
  readonly [field: string]: unknown;
}

interface Call {
  readonly id: string;
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** One reply: what goes back into the history, and the tool it asks for. */
interface Reply {
  readonly message: unknown;
  readonly call: Call | null;
}

/**
 * The floor: the same calls with the same bodies by a bare fetch loop, and nothing around it.
 * Learns from one job of each kind what Inspan sends, then sends the same.
 */
export async function floorSubject(access: Access): Promise<Subject> {
  const { baseUrl, wire, stream } = access;
  const [one, five] = await Promise.all([
    firstBodies(access, (subject) => subject.one()),
    firstBodies(access, (subject) => subject.five()),
  ]);
  const ask = wire === 'messages' ? messagesAsk(baseUrl, stream) : chatAsk(baseUrl, stream);
  return {
    async one() {
      await runAgent(one[0], { ask, tools: { tick, ...fileTools(new Map()) } });
    },
    async five() {
      const [lead, ...members] = five;
      const tools = fileTools(new Map());
      const waiting = members.values();
      const delegate = async (): Promise<string> => {
        await runAgent(waiting.next().value, { ask, tools });
        return 'Done: it wrote its file.';
      };
      await runAgent(lead, { ask, tools: { delegate } });
    },
    close: () => Promise.resolve(),
  };
}

/** The first request of every agent, in order: tools, system and task. */
async function firstBodies(
  access: Access,
  run: (subject: Subject) => Promise<void>,
): Promise<readonly Body[]> {
  const bodies: Body[] = [];
  const subject = inspanSubject({
    ...access,
    fetch: (input, init) => {
      const body = JSON.parse(init?.body as string) as Body;
      if (!JSON.stringify(body.messages).includes('"assistant"')) bodies.push(body);
      return globalThis.fetch(input, init);
    },
  });
  await run(subject);
  await subject.close();
  return bodies;
}

type ToolRun = (input: Readonly<Record<string, unknown>>) => string | Promise<string>;

interface Loop {
  readonly ask: (
    body: Body,
    messages: readonly unknown[],
  ) => Promise<Reply & { resultOf(text: string): unknown }>;
  readonly tools: Readonly<Record<string, ToolRun>>;
}

async function runAgent(first: Body | undefined, { ask, tools }: Loop): Promise<void> {
  if (first === undefined) throw new Error('Inspan sent no request of this agent');
  const messages = [...first.messages];
  for (;;) {
    const { message, call, resultOf } = await ask(first, messages);
    messages.push(message);
    if (call === null) return;
    const run = tools[call.name];
    if (run === undefined) throw new Error(`The script calls ${call.name}, which the floor does not have`);
    messages.push(resultOf(await run(call.input)));
  }
}

const tick: ToolRun = ({ n }) => `Step ${String(n)} is counted. Go on with the next.`;

function fileTools(files: Map<string, string>): Readonly<Record<string, ToolRun>> {
  return {
    read_file: ({ path }) => files.get(String(path)) ?? 'A line of a file.\n'.repeat(100),
    write_file: ({ path, content }) => {
      files.set(String(path), String(content));
      return `Wrote ${String(path)}.`;
    },
  };
}

function messagesAsk(baseUrl: string, stream: boolean): Loop['ask'] {
  return async (first, messages) => {
    const response = await post(`${baseUrl}/v1/messages`, { ...first, messages, stream });
    const content = stream ? await messagesStream(response) : ((await response.json()) as Content).content;
    const block = content.find(({ type }) => type === 'tool_use');
    return {
      message: { role: 'assistant', content },
      call:
        block === undefined ? null : { id: block.id ?? '', name: block.name ?? '', input: block.input ?? {} },
      resultOf: (text) => ({
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: block?.id, content: text }],
      }),
    };
  };
}

interface Block {
  type: string;
  text?: string;
  id?: string;
  name?: string;
  input?: Readonly<Record<string, unknown>>;
}

interface Content {
  readonly content: readonly Block[];
}

interface MessagesEvent {
  readonly type: string;
  readonly content_block: Block;
  readonly delta: { readonly text?: string; readonly partial_json?: string };
}

async function messagesStream(response: Response): Promise<readonly Block[]> {
  const blocks: Block[] = [];
  let json = '';
  for await (const data of dataOf(response)) {
    const event = JSON.parse(data) as MessagesEvent;
    const last = blocks.at(-1);
    if (event.type === 'content_block_start') blocks.push(event.content_block);
    if (event.type === 'content_block_delta') {
      if (last?.type === 'text') last.text += event.delta.text ?? '';
      else json += event.delta.partial_json ?? '';
    }
    if (event.type === 'content_block_stop' && last?.type === 'tool_use') {
      last.input = JSON.parse(json) as Readonly<Record<string, unknown>>;
    }
  }
  return blocks;
}

function chatAsk(baseUrl: string, stream: boolean): Loop['ask'] {
  return async (first, messages) => {
    const response = await post(`${baseUrl}/v1/chat/completions`, { ...first, messages, stream });
    const message = stream
      ? await chatStream(response)
      : ((await response.json()) as { choices: { message: ChatMessage }[] }).choices[0]?.message;
    const call = message?.tool_calls?.[0];
    return {
      message,
      call:
        call === undefined
          ? null
          : {
              id: call.id,
              name: call.function.name,
              input: JSON.parse(call.function.arguments) as Call['input'],
            },
      resultOf: (text) => ({ role: 'tool', tool_call_id: call?.id, content: text }),
    };
  };
}

interface ChatMessage {
  content: string | null;
  tool_calls?: { id: string; function: { name: string; arguments: string } }[];
}

interface ChatChunk {
  readonly choices: { readonly delta: ChatMessage & { readonly role?: string } }[];
}

async function chatStream(response: Response): Promise<ChatMessage | undefined> {
  let message: ChatMessage | undefined;
  for await (const data of dataOf(response)) {
    if (data === '[DONE]') break;
    const delta = (JSON.parse(data) as ChatChunk).choices[0]?.delta;
    if (delta === undefined) continue;
    const call = message?.tool_calls?.[0];
    if (message === undefined) message = delta;
    else if (call !== undefined) call.function.arguments += delta.tool_calls?.[0]?.function.arguments ?? '';
    else message.content = (message.content ?? '') + (delta.content ?? '');
  }
  return message;
}

function post(url: string, body: unknown): Promise<Response> {
  return globalThis.fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-api-key': 'bench-key',
      'anthropic-version': '2023-06-01',
    },
    body: JSON.stringify(body),
  });
}

/** The smallest reader of an event stream that is still one: the data of every event. */
async function* dataOf(response: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of response.body ?? []) {
    text += decoder.decode(bytes, { stream: true });
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const event = text.slice(0, end);
      text = text.slice(end + 2);
      yield event.slice(event.indexOf('data: ') + 6);
    }
  }
}
