import { request } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Json } from '../../core/index.ts';
import { openTiny, type StillClock, stillClock } from '../testing.ts';
import type { Simulator } from './open-simulator.ts';
import { bodyBytesMax } from './read-call.ts';

const opened: Simulator[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((simulator) => simulator.close()));
});

async function open(profile: Json, clock: StillClock = stillClock()): Promise<Simulator> {
  const simulator = await openTiny({ ...script, ...(profile as object) }, clock);
  opened.push(simulator);
  return simulator;
}

const script = { brain: { script: [{ say: 'a b c d e f g h' }] } };

/** Everything a client hears, also of a stream that breaks off. */
interface Heard {
  readonly status: number;
  readonly text: string;
  /** False: the connection ended before the answer did. */
  readonly whole: boolean;
}

function hear(
  simulator: Simulator,
  body: Json,
  onData = (_text: string, _hangUp: () => void) => {},
): Promise<Heard> {
  const { promise, resolve } = Promise.withResolvers<Heard>();
  const call = request(`${simulator.url}/talk`, { method: 'POST' }, (response) => {
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (piece: string) => {
      text += piece;
      onData(text, () => call.destroy());
    });
    response.on('error', () => {});
    response.on('close', () => resolve({ status: response.statusCode ?? 0, text, whole: response.complete }));
  });
  call.on('error', () => {});
  call.end(JSON.stringify(body));
  return promise;
}

const stream = { say: 'one two', stream: true };

/** Input costs 2 and output 10 a word: this is what was billed for. */
function billed(simulator: Simulator): readonly [answered: number, untold: number, costMicroUsd: number] {
  const { requests, costMicroUsd } = simulator.accounts().total;
  return [requests.answered, requests.untold, costMicroUsd];
}

async function answerFrom(simulator: Simulator, path: string, more: RequestInit = {}) {
  const response = await fetch(simulator.url + path, more);
  return { status: response.status, headers: response.headers, body: (await response.json()) as never };
}

describe('a stream', () => {
  it('is told frame by frame, and billed when its last frame is out', async () => {
    const simulator = await open({});
    const { text, whole } = await hear(simulator, stream);
    expect(text.trim().split('\n')).toHaveLength(10);
    expect(whole).toBe(true);
    expect(billed(simulator)).toEqual([1, 0, 4 + 80]);
  });

  it('that is cut bills what it had reported, and nothing more', async () => {
    const simulator = await open({ faults: [{ fault: 'cut', through: 0.5 }] });
    const { text, whole } = await hear(simulator, stream);
    expect(text.trim().split('\n')).toHaveLength(5);
    expect(whole).toBe(false);
    expect(billed(simulator)).toEqual([1, 0, 4]);
  });

  it('that is cut before it reports anything bills nothing', async () => {
    const simulator = await open({ faults: [{ fault: 'cut', through: 0 }] });
    const { status, text, whole } = await hear(simulator, stream);
    expect([status, text, whole]).toEqual([200, '', false]);
    expect(billed(simulator)).toEqual([0, 1, 0]);
  });

  it('that is cut after its last frame bills all of it', async () => {
    const simulator = await open({ faults: [{ fault: 'cut', through: 1 }] });
    const { text, whole } = await hear(simulator, stream);
    expect(text.trim().split('\n')).toHaveLength(10);
    expect(whole).toBe(false);
    expect(billed(simulator)).toEqual([1, 0, 84]);
  });

  it('that meets an overload says so in the words of its wire, and ends', async () => {
    const simulator = await open({ faults: [{ fault: 'overloaded-midway', through: 0.5 }] });
    const { text, whole } = await hear(simulator, stream);
    expect(text.trim().split('\n').slice(4)).toEqual(['{"word":"d"}', '{"type":"overloaded"}']);
    expect(whole).toBe(true);
    expect(billed(simulator)).toEqual([1, 0, 4]);
  });

  it('that is malformed has one frame that nobody can parse, and ends', async () => {
    const simulator = await open({ faults: [{ fault: 'malformed', through: 0.2 }] });
    const { text, whole } = await hear(simulator, stream);
    const lines = text.trim().split('\n');
    expect(lines.slice(0, -1).map((line) => JSON.parse(line))).toEqual([{ type: 'begun' }, { word: 'a' }]);
    expect(() => JSON.parse(lines.at(-1) ?? '')).toThrow(SyntaxError);
    expect(whole).toBe(true);
    expect(billed(simulator)).toEqual([1, 0, 4]);
  });

  it('that stalls says nothing more until the client leaves', async () => {
    const simulator = await open({ faults: [{ fault: 'stall', through: 0.5 }] });
    const heard = await hear(simulator, stream, (text, hangUp) => {
      if (text.includes('"d"')) hangUp();
    });
    expect(heard.text.trim().split('\n')).toHaveLength(5);
    expect(heard.whole).toBe(false);
    expect(billed(simulator)).toEqual([1, 0, 4]);
  });

  it('waits for its first byte, and goes on at its speed', async () => {
    const clock = stillClock();
    const simulator = await open(
      { speed: { promptTokensPerSecond: 0, firstTokenMs: 300, tokensPerSecond: 10 } },
      clock,
    );
    const startedMs = clock.now();
    const arrivals: number[] = [];
    const heard = hear(simulator, stream, () => arrivals.push(clock.now() - startedMs));
    for (const waitMs of [300, ...Array.from({ length: 8 }, () => 100)]) {
      await vi.waitFor(() => expect(clock.sleeping()).toBe(1));
      clock.advance(waitMs);
    }
    await heard;
    expect(arrivals[0]).toBe(300);
    expect(arrivals.at(-1)).toBe(1_100);
  });

  it('whose client hangs up is stopped, and billed for what was told', async () => {
    const clock = stillClock();
    const simulator = await open({ speed: { firstTokenMs: 0, tokensPerSecond: 10 } }, clock);
    await hear(simulator, stream, (_, hangUp) => hangUp());
    await vi.waitFor(() => expect(simulator.accounts().open).toBe(0));
    expect(billed(simulator)).toEqual([1, 0, 4]);
    expect(clock.sleeping()).toBe(0);
  });

  it('whose client hangs up before the first byte is billed nothing, and caches nothing', async () => {
    const clock = stillClock();
    const simulator = await open({ faults: [{ fault: 'slow-first-byte', at: [1] }] }, clock);
    const body = { say: 'word '.repeat(12), cache: true };
    const call = request(`${simulator.url}/talk`, { method: 'POST' });
    call.on('error', () => {});
    call.end(JSON.stringify(body));
    await vi.waitFor(() => expect(clock.sleeping()).toBe(1));
    call.destroy();
    await vi.waitFor(() => expect(simulator.accounts().open).toBe(0));
    expect(billed(simulator)).toEqual([0, 1, 0]);
    const { text } = await hear(simulator, body);
    expect(JSON.parse(text).usage).toMatchObject({ cacheReadTokens: 0, cacheWrite5mTokens: 12 });
  });
});

describe('an answer that is told at once', () => {
  it.each([
    ['cut', false, [0, 1, 0]],
    ['malformed', true, [0, 1, 0]],
    ['overloaded-midway', true, [1, 0, 84]],
  ] as const)('and is %s bills only what can be read', async (fault, arrives, expected) => {
    const simulator = await open({ faults: [{ fault }] });
    const { text, whole } = await hear(simulator, { say: 'one two' });
    expect(whole).toBe(arrives);
    expect(billed(simulator)).toEqual(expected);
    expect(isJson(text)).toBe(expected[0] === 1);
  });

  it('takes as long as making it takes', async () => {
    const clock = stillClock();
    const simulator = await open({ speed: { firstTokenMs: 300, tokensPerSecond: 10 } }, clock);
    const heard = hear(simulator, { say: 'one two' });
    await vi.waitFor(() => expect(clock.sleeping()).toBe(1));
    clock.advance(1_099);
    expect(clock.sleeping()).toBe(1);
    clock.advance(1);
    expect((await heard).whole).toBe(true);
  });
});

describe('a simulator', () => {
  it('tells what it knows where a path is unknown or a method wrong', async () => {
    const simulator = await open({});
    const lost = await answerFrom(simulator, '/v1/talk', { method: 'POST' });
    expect(lost).toMatchObject({
      status: 404,
      body: {
        error: { message: expect.stringContaining('There is nothing at /v1/talk. Known: POST /talk,') },
      },
    });
    const wrong = await answerFrom(simulator, '/talk');
    expect(wrong).toMatchObject({ status: 405, body: { error: { message: '/talk takes POST, not GET' } } });
    expect(wrong.headers.get('allow')).toBe('POST');
  });

  it('refuses a body that is too large, and goes on', async () => {
    const simulator = await open({});
    const body = ' '.repeat(bodyBytesMax + 1);
    const { status } = await answerFrom(simulator, '/talk', { method: 'POST', body });
    expect(status).toBe(413);
    expect((await hear(simulator, stream)).status).toBe(200);
  });

  it('tells its accounts, and begins new ones', async () => {
    const simulator = await open({});
    await hear(simulator, stream);
    const { body } = await answerFrom(simulator, '/sim/accounts');
    expect(body).toEqual(JSON.parse(JSON.stringify(simulator.accounts())));
    expect(body).toMatchObject({ total: { costMicroUsd: 84 }, keys: { '(none)': { costMicroUsd: 84 } } });
    await answerFrom(simulator, '/sim/accounts', { method: 'DELETE' });
    expect(simulator.accounts().total.costMicroUsd).toBe(0);
  });

  it('tells the bodies that came last, and never a key', async () => {
    const simulator = await open({});
    for (const say of ['one', 'two', 'three']) {
      await answerFrom(simulator, '/talk', {
        method: 'POST',
        headers: { 'x-key': 'secret-key' },
        body: JSON.stringify({ say }),
      });
    }
    const { body } = await answerFrom(simulator, '/sim/requests?last=2');
    expect(body).toMatchObject({
      requests: [
        { number: 2, method: 'POST', path: '/talk', body: { say: 'two' } },
        { number: 3, method: 'POST', path: '/talk', body: { say: 'three' } },
      ],
    });
    expect(JSON.stringify(body)).not.toContain('secret-key');
    expect((await answerFrom(simulator, '/sim/requests?last=x')).status).toBe(400);
  });

  it('moves its clock by hand', async () => {
    const simulator = await open({}, stillClock(5_000));
    const move = (advanceMs: Json) =>
      answerFrom(simulator, '/sim/clock', { method: 'POST', body: JSON.stringify({ advanceMs }) });
    expect((await move(1_000)).body).toEqual({ nowMs: 6_000 });
    expect((await move(500)).body).toEqual({ nowMs: 6_500 });
    for (const wrong of [-1, 'far', null]) expect((await move(wrong)).status).toBe(400);
    const endless = await answerFrom(simulator, '/sim/clock', {
      method: 'POST',
      body: '{"advanceMs":1e999}',
    });
    expect(endless.status).toBe(400);
  });

  it('replaces its profile while it runs, and keeps it where the new one is wrong', async () => {
    const simulator = await open({});
    const put = (profile: Json) =>
      answerFrom(simulator, '/sim/profile', { method: 'PUT', body: JSON.stringify(profile) });
    expect((await put({ ...script, faults: [{ fault: 'overloaded' }] })).status).toBe(200);
    expect((await hear(simulator, stream)).text).toContain('overloaded');
    expect(await put({ faults: [{ fault: 'fire' }] })).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining('faults[0].fault is "fire"; expected one of') } },
    });
    expect((await hear(simulator, stream)).text).toContain('overloaded');
  });

  it('says which port is taken', async () => {
    const { port } = await open({});
    const { openSimulator } = await import('./open-simulator.ts');
    const second = openSimulator({
      profile: {
        brain: 'offline',
        speed: { firstTokenMs: 0, promptTokensPerSecond: 0, tokensPerSecond: 0 },
        limits: noLimits,
        keys: null,
        faults: [],
        seed: 1,
      },
      wires: [],
      models: [],
      countTokens: () => 0,
      clock: stillClock(),
      priceOf: () => null,
      cachePrefixTokensMin: () => null,
      port,
    });
    await expect(second).rejects.toThrow(
      `cannot listen on 127.0.0.1:${port} (EADDRINUSE): choose another port`,
    );
  });

  it('closes also while a stream stalls', async () => {
    const simulator = await openTiny({ ...script, faults: [{ fault: 'stall' }] });
    const started = Promise.withResolvers<void>();
    const heard = hear(simulator, stream, () => started.resolve());
    await started.promise;
    await simulator.close();
    expect((await heard).whole).toBe(false);
  });
});

const noLimits = { requestsPerMinute: null, inputTokensPerMinute: null, outputTokensPerMinute: null };

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
