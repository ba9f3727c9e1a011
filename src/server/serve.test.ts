import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openServerHouse, type ServerHouseOptions } from '../../test/setup/server-house.ts';
import { type RunningServer, type ServerLimits, startServer } from './index.ts';

async function start(
  given: ServerHouseOptions & { readonly host?: string; readonly limits?: Partial<ServerLimits> } = {},
) {
  const house = await openServerHouse(given);
  const { options: _, ...others } = house.parts;
  const parts = { ...others, storage: 'file' as const };
  const { host = '127.0.0.1', limits = {} } = given;
  const started = await startServer({ ...parts, host, port: 0, limits });
  if (started.ok) onTestFinished(() => started.value.close());
  return { house, started };
}

async function started(
  given: Parameters<typeof start>[0] = {},
): Promise<RunningServer & { readonly port: number }> {
  const { started: result } = await start(given);
  if (!result.ok) throw new Error(result.failure.message);
  return { ...result.value, port: Number(new URL(result.value.url).port) };
}

/** Speaks over a bare socket; gives all that comes back until the server hangs up. */
function speak(port: number, words: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(words));
    let heard = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      heard += text;
    });
    socket.once('close', () => resolve(heard));
    socket.once('error', reject);
  });
}

describe('a server', () => {
  it('answers on loopback, and closes once however often it is asked to', async () => {
    const server = await started();
    const answer = await fetch(`${server.url}/healthz`);
    expect([answer.status, answer.headers.get('inspan-auth')]).toEqual([200, 'open']);
    await Promise.all([server.close(), server.close()]);
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow('fetch failed');
  });

  it('says how long an answer is, also to who only asks for its head', async () => {
    const { port } = await started();
    const ask = (method: string): Promise<string> =>
      speak(port, `${method} /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    const [head = '', body] = (await ask('GET')).split('\r\n\r\n');
    expect([head, body]).toEqual([expect.stringContaining('content-length: 15'), '{"status":"ok"}']);
    const [bare = '', nothing] = (await ask('HEAD')).split('\r\n\r\n');
    expect([bare, nothing]).toEqual([expect.stringContaining('content-length: 15'), '']);
  });

  it('refuses to start beyond loopback while there are no keys', async () => {
    const { started: result } = await start({ host: '0.0.0.0' });
    expect(result).toMatchObject({ ok: false, failure: { code: 'wrong-config' } });
  });

  it('says in one line that a port is taken', async () => {
    const server = await started();
    const house = await openServerHouse();
    const { options: _, ...others } = house.parts;
    const parts = { ...others, storage: 'file' as const };
    const second = await startServer({ ...parts, host: '127.0.0.1', port: server.port });
    const message = expect.stringMatching(/^[^\n]*taken[^\n]*$/);
    expect(second).toMatchObject({ ok: false, failure: { code: 'wrong-config', message } });
  });

  it('hangs up on a body that comes too slowly', async () => {
    const { port } = await started({ limits: { headersMsMax: 200, requestMsMax: 300 } });
    const head = 'POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
    const heard = await speak(port, `${head}Content-Length: 100\r\n\r\n{"team"`);
    expect(heard).toContain('408');
    expect(await speak(port, 'GET /v1/jobs HTTP/1.1\r\nHost: loc')).toContain('408');
  });

  it('keeps a connection between requests, for longer than a request may take, and says for how long', async () => {
    const { port } = await started({ limits: { headersMsMax: 100, requestMsMax: 200, idleMsMax: 5_000 } });
    const words = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n';
    const socket = connect(port, '127.0.0.1', () => socket.write(`${words}\r\n`));
    let heard = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      heard += text;
    });
    await expect.poll(() => heard).toContain('{"status":"ok"}');
    expect(heard).toContain('Keep-Alive: timeout=5');
    // Who came later, and is slow with his headers, has been hung up on.
    expect(await speak(port, 'GET /healthz HTTP/1.1\r\nHost: loc')).toContain('408');
    heard = '';
    socket.end(`${words}Connection: close\r\n\r\n`);
    await once(socket, 'close');
    expect(heard).toContain('{"status":"ok"}');
  });

  it('answers what is no request with a problem, too', async () => {
    const { port } = await started();
    for (const [words, status] of [
      ['HELLO\r\n\r\n', 400],
      [`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ] as const) {
      const [head = '', body = ''] = (await speak(port, words)).split('\r\n\r\n');
      expect(head).toContain(`HTTP/1.1 ${status}`);
      expect(head).toContain('application/problem+json');
      expect(JSON.parse(body)).toMatchObject({ status, instance: expect.stringMatching(/^req_/) });
    }
  });

  it('goes nowhere but to files of the job, whatever a path says', async () => {
    const { port } = await started();
    for (const path of [
      '../../../etc/passwd',
      '..%2f..%2fetc%2fpasswd',
      '%2e%2e/x',
      '/etc/passwd',
      '%00',
      '%zz',
    ]) {
      const words = `GET /v1/jobs/x/files/${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
      const heard = await speak(port, words);
      expect(heard).toMatch(/^HTTP\/1\.1 (?:404|422|400)/);
      expect(heard).not.toContain('root:');
    }
  });

  it('takes a whole large body, and hangs up on one that is too large', async () => {
    const { url } = await started({ limits: { jsonBytesMax: 100_000 } });
    const headers = { 'content-type': 'application/json' };
    const post = (size: number) =>
      fetch(`${url}/v1/jobs`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ team: 'pair', text: 'x', files: { 'a.md': 'x '.repeat(size / 2) } }),
      });
    expect((await post(90_000)).status).toBe(202);
    const large = await post(20_000_000).then(
      ({ status }) => status,
      () => 'hung up',
    );
    expect([413, 'hung up']).toContain(large);
  });

  it('ends event streams when it closes, and waits for the rest', async () => {
    const { house, started: result } = await start();
    if (!result.ok) throw new Error(result.failure.message);
    const { url, close } = result.value;
    const body = JSON.stringify({ team: 'pair', text: 'x' });
    const headers = { 'content-type': 'application/json' };
    const accepted = await fetch(`${url}/v1/jobs`, { method: 'POST', headers, body });
    const stream = await fetch(`${url}${accepted.headers.get('location')}/events`);
    const told = stream.text();
    await house.desk.count(null);
    await close();
    expect(await told).toContain('event: job-moved');
    expect(await told).toMatch(/: the server closes, come back\n\n$/);
  });
});
