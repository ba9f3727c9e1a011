import { afterEach, describe, expect, it } from 'vitest';
import { type Client, createClient, createClientOn } from './client.ts';
import { InspanProblem } from './problem.ts';
import {
  type Answer,
  createHastyPlatform,
  eventStream,
  hangUp,
  json,
  openScriptedServer,
  type ScriptedServer,
} from './testing.ts';
import type { StreamEvent } from './wire-event.ts';

let server: ScriptedServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

interface Opened {
  readonly client: Client;
  readonly server: ScriptedServer;
  readonly waits: readonly number[];
}

async function open(...answers: readonly Answer[]): Promise<Opened> {
  server = await openScriptedServer(answers);
  const platform = createHastyPlatform();
  const client = createClientOn(platform, { url: `${server.url}/`, key: 'ik_test' });
  return { client, server, waits: platform.waits };
}

const job = { id: 'job_1', state: 'running', progress: { eventSeq: 0 } };
const problem = {
  code: 'wrong-input',
  detail: 'File source.md is missing.',
  errors: [{ code: 'wrong-input', detail: 'File source.md is missing.' }],
};

describe('a call', () => {
  it('carries the key in a header and nowhere else', async () => {
    const { client, server } = await open(json(job));
    await client.jobs.get('job_1');
    expect(server.seen[0]?.headers.authorization).toBe('Bearer ik_test');
    expect([...(server.seen[0]?.query ?? [])]).toEqual([]);
  });

  it('calls a given fetch as a browser wants it, as nobody’s method', async () => {
    const owners: unknown[] = [];
    const fetch = async function (this: unknown): Promise<Response> {
      owners.push(this);
      return Response.json(job);
    };
    await createClient({ url: 'http://127.0.0.1:1', fetch }).jobs.get('job_1');
    expect(owners).toEqual([undefined]);
  });

  it('never tells a key that cannot be sent, nor what broke before anything was sent', async () => {
    for (const key of ['ik_a\nb', 'ik_ä', '']) {
      const make = () => createClient({ url: 'http://127.0.0.1:1', key });
      expect(make).toThrow('key is no API key');
      expect(make).not.toThrow(/ik_[aä]/);
    }
    const { client, server } = await open(json(job));
    const call = client.jobs.create({ team: 'kit' }, { idempotencyKey: 'secret\n' });
    await expect(call).rejects.toThrow(/^idempotency-key takes visible ASCII characters alone\.$/);
    expect(server.seen).toHaveLength(0);
    const fetch = () => Promise.reject(new TypeError('Bearer ik_secret is an invalid header value'));
    const broken = createClient({ url: 'http://127.0.0.1:1', fetch, patienceMs: 0 }).jobs.get('job_1');
    await expect(broken).rejects.toThrow('Nobody answers at 127.0.0.1:1 (network error)');
  });

  it('keeps any id inside its part of the path', async () => {
    const { client, server } = await open(json(job));
    await client.jobs.get('../keys?x#y');
    expect(server.seen[0]?.path).toBe('/v1/jobs/..%2Fkeys%3Fx%23y');
  });

  it('rejects with the problem that the server told', async () => {
    const { client } = await open(json(problem, { status: 400, headers: { 'x-request-id': 'req_1' } }));
    const error = await client.jobs.create({ team: 'kit' }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InspanProblem);
    expect(error).toMatchObject({ ...problem, status: 400, requestId: 'req_1', retryAfterMs: null });
  });

  it('says so when somebody answers who is no Inspan server', async () => {
    const page: Answer = (response) =>
      response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>404');
    const { client } = await open(page);
    await expect(client.jobs.get('job_1')).rejects.toMatchObject({ status: 404, code: 'unexpected-answer' });
  });

  it('is refused where it would be sent elsewhere, so that a key goes nowhere else', async () => {
    const { client, server } = await open((response) =>
      response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end(),
    );
    await expect(client.jobs.get('job_1')).rejects.toThrow('sends elsewhere');
    expect(server.seen).toHaveLength(1);
  });

  it('ends with the reason of its signal', async () => {
    const { client } = await open(() => {});
    const stopping = new AbortController();
    const call = client.jobs.get('job_1', { signal: stopping.signal });
    stopping.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
  });
});

describe('trying again', () => {
  it('is done for a call that may be repeated, with growing waits', async () => {
    const { client, server, waits } = await open(hangUp, json({}, { status: 503 }), hangUp, json(job));
    expect(await client.jobs.get('job_1')).toEqual(job);
    expect(server.seen).toHaveLength(4);
    expect(waits).toEqual([125, 250, 500]);
  });

  it('waits as long as the server asks', async () => {
    const busy = json({ code: 'too-many-requests' }, { status: 429, headers: { 'retry-after': '7' } });
    const { client, waits } = await open(busy, json(job));
    await client.jobs.get('job_1');
    expect(waits).toEqual([7_000]);
  });

  it('is never done for a call that would act twice', async () => {
    const { client, server } = await open(hangUp, json(job));
    await expect(client.jobs.retry('job_1')).rejects.toMatchObject({ code: 'unreachable', status: null });
    expect(server.seen).toHaveLength(1);
  });

  it('is done for any call that was refused because there were too many', async () => {
    const { client, server } = await open(json({}, { status: 429 }), json(job));
    await client.jobs.retry('job_1');
    expect(server.seen).toHaveLength(2);
  });

  it('is never done for a mistake', async () => {
    const { client, server } = await open(json(problem, { status: 400 }));
    await expect(client.jobs.get('job_1')).rejects.toThrow('source.md is missing');
    expect(server.seen).toHaveLength(1);
  });

  it('ends when nobody has answered for as long as the client is patient', async () => {
    const { client, waits } = await open(hangUp);
    await expect(client.jobs.get('job_1')).rejects.toMatchObject({ code: 'unreachable' });
    const waitedMs = waits.reduce((sum, ms) => sum + ms, 0);
    expect(waitedMs).toBeGreaterThan(55_000);
    expect(waitedMs).toBeLessThanOrEqual(60_000);
  });
});

describe('making a job', () => {
  it('sends the same idempotency key at every try, and another one for another job', async () => {
    const { client, server } = await open(hangUp, json(job));
    await client.jobs.create({ team: 'kit' });
    await client.jobs.create({ team: 'kit' });
    const keys = server.seen.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toEqual(['id-1', 'id-1', 'id-2']);
  });

  it('sends files as they are, beside the request', async () => {
    const { client, server } = await open(json(job));
    const bytes = new Uint8Array([0, 255, 10]);
    await client.jobs.create(
      { team: 'kit', text: 'Go.' },
      { files: { 'notes/a.bin': bytes, 'b.md': 'Text.' } },
    );
    const { headers, body } = server.seen[0] ?? {};
    const form = await new Response(body && new Uint8Array(body), {
      headers: { 'content-type': String(headers?.['content-type']) },
    }).formData();
    expect(JSON.parse(form.get('request') as string)).toEqual({ team: 'kit', text: 'Go.' });
    const [a, b] = [form.get('notes/a.bin'), form.get('b.md')] as File[];
    expect(new Uint8Array((await a?.arrayBuffer()) ?? [])).toEqual(bytes);
    expect(await b?.text()).toBe('Text.');
  });
});

describe('a list', () => {
  it('asks for states and labels one by one', async () => {
    const { client, server } = await open(json({ items: [], next: null }));
    await client.jobs.list({
      states: ['queued', 'parked'],
      labels: { customer: 'acme', run: '7' },
      limit: 5,
    });
    expect(server.seen[0]?.query.toString()).toBe(
      'limit=5&state=queued&state=parked&label=customer%3Aacme&label=run%3A7',
    );
  });
});

const event = (seq: number): string =>
  `id: ${seq}\nevent: warning\ndata: {"type":"warning","seq":${seq}}\n\n`;
const words = 'event: text\ndata: {"type":"text","agent":"a","key":"k","text":"Hi"}\n\n';
const ended = (eventSeq: number): Answer => json({ ...job, state: 'succeeded', progress: { eventSeq } });

async function all(events: AsyncIterable<StreamEvent>): Promise<readonly (number | string)[]> {
  const told = await Array.fromAsync(events);
  return told.map((each) => each.seq ?? each.type);
}

describe('the events of a job', () => {
  it('are told in their order, words of models among them, until the job has ended', async () => {
    const { client, server } = await open(eventStream(`: hello\n\n${event(1)}${words}${event(2)}`), ended(2));
    expect(await all(client.jobs.events('job_1'))).toEqual([1, 'text', 2]);
    expect(server.seen).toHaveLength(2);
  });

  it('are none where the server says that there is nothing newer', async () => {
    const { client } = await open((response) => response.writeHead(204).end(), ended(2));
    expect(await all(client.jobs.events('job_1', { after: 2 }))).toEqual([]);
  });

  it('go on behind the last one when the connection breaks, each told once', async () => {
    const { client, server } = await open(
      eventStream(event(1) + event(2), { isCut: true }),
      json(job),
      eventStream(event(2) + event(3)),
      ended(3),
    );
    expect(await all(client.jobs.events('job_1'))).toEqual([1, 2, 3]);
    expect(server.seen.map(({ headers }) => headers['last-event-id'])).toEqual([
      undefined,
      undefined,
      '2',
      undefined,
    ]);
  });

  it('go on when the server was gone for a while', async () => {
    const { client } = await open(
      eventStream(event(1), { isCut: true }),
      hangUp,
      json({}, { status: 503 }),
      json(job),
      hangUp,
      eventStream(event(2)),
      ended(2),
    );
    expect(await all(client.jobs.events('job_1'))).toEqual([1, 2]);
  });

  it('go on where the stream ended before its last event was told', async () => {
    const { client } = await open(eventStream(event(1)), ended(2), eventStream(event(2)), ended(2));
    expect(await all(client.jobs.events('job_1'))).toEqual([1, 2]);
  });

  it('end with the problem when there is no such job', async () => {
    const { client } = await open(json({ code: 'not-found', detail: 'There is no job.' }, { status: 404 }));
    await expect(all(client.jobs.events('job_1'))).rejects.toMatchObject({ code: 'not-found' });
  });

  it('hang up when nobody listens any more', async () => {
    const closed = Promise.withResolvers<void>();
    const { client } = await open((response) => {
      response.on('close', () => closed.resolve());
      response.writeHead(200).write(event(1));
    });
    for await (const told of client.jobs.events('job_1')) {
      expect(told.seq).toBe(1);
      break;
    }
    await closed.promise;
  });
});

const result = { id: 'job_1', state: 'succeeded', failure: null, result: { review: 'Fine.' } };

describe('run', () => {
  it('makes a job once, waits for its end through a restart, and gives what it left', async () => {
    const { client, server } = await open(
      hangUp,
      json(job),
      json(job),
      hangUp,
      hangUp,
      ended(3),
      json(result),
    );
    expect(await client.run({ team: 'kit' })).toEqual(result);
    const creations = server.seen.filter(({ method }) => method === 'POST');
    expect(new Set(creations.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
  });

  it('rejects with what there is when the job did not succeed', async () => {
    const failed = {
      ...result,
      state: 'failed',
      failure: { code: 'refused', message: 'The model refused.' },
    };
    const { client } = await open(json(job), json({ ...job, state: 'failed' }), json(failed));
    const error = await client.run({ team: 'kit' }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      name: 'JobNotDone',
      message: 'Job job_1 failed: The model refused.',
      result: failed,
    });
  });
});

describe('stream', () => {
  it('begins with the accepted job, tells its events and ends with the job', async () => {
    const { client } = await open(json(job), eventStream(event(1)), ended(1), ended(1));
    const told = await Array.fromAsync(client.stream({ team: 'kit' }));
    expect(told.map(({ type }) => type)).toEqual(['job', 'warning', 'job']);
    expect(told.at(-1)).toMatchObject({ job: { state: 'succeeded' } });
  });
});

describe('wait', () => {
  it('looks less and less often, and ends when its time is over', async () => {
    const { client, waits } = await open(json(job));
    await expect(client.wait('job_1', { timeoutMs: 9_000 })).rejects.toMatchObject({ code: 'timeout' });
    expect(waits[0]).toBe(250);
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBe(9_000);
    expect(waits.length).toBeLessThan(15);
  });
});

describe('an address', () => {
  it.each(['', 'localhost:7420', 'ftp://host'])('that is none (%j) is refused at once', (url) => {
    expect(() => createClientOn(createHastyPlatform(), { url })).toThrow(/url is .*: write the server/);
  });
});
