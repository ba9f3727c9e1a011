import { mkdtemp } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPrograms } from './programs.ts';
import { findFreePort, type Service, startServer } from './server.ts';

/** A Redis that can also be emptied. */
export interface RedisService extends Service {
  flush(): Promise<void>;
}

/** Starts a Redis of its own, empty, that keeps nothing, on a free port of loopback. */
export async function startRedis(): Promise<RedisService> {
  const { redis } = findPrograms();
  if (redis === null) throw new Error('Redis is not installed here.');
  const folder = await mkdtemp(join(tmpdir(), 'inspan-redis-'));
  const port = await findFreePort();
  const words = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const server = await startServer({
    command: [redis, ...words, '--dir', folder],
    folder,
    isReady: async () => (await ask(port, 'PING')) === '+PONG',
  });
  return {
    url: `redis://127.0.0.1:${port}`,
    ...server,
    async flush() {
      const answer = await ask(port, 'FLUSHALL');
      if (answer !== '+OK') throw new Error(`Redis was not emptied: ${answer ?? 'it does not answer'}`);
    },
  };
}

/** The first line of the answer to a command; null when nobody answers. */
function ask(port: number, command: string): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    socket.setEncoding('utf8').setTimeout(5000, () => socket.destroy());
    socket.once('error', () => resolve(null));
    socket.once('close', () => resolve(null));
    socket.once('data', (text) => {
      resolve(String(text).trim());
      socket.destroy();
    });
    socket.write(`${command}\r\n`);
  });
}
