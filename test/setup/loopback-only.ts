import net from 'node:net';
import { beforeAll } from 'vitest';

/** Keys that must not leak into tests: no test may reach a provider by accident. */
const keys = ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'OPENAI_API_KEY', 'INSPAN_MODEL', 'OLLAMA_HOST'];

beforeAll(() => {
  for (const key of keys) delete process.env[key];
});

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function loopbackOnly(this: net.Socket, ...values: unknown[]) {
  const host = hostOf(values);
  if (host !== null && !isLoopback(host)) throw new Error(`Tests may only reach loopback, not ${host}`);
  return Reflect.apply(connect, this, values) as net.Socket;
} as typeof connect;

function hostOf(values: readonly unknown[]): string | null {
  const first = Array.isArray(values[0]) ? values[0][0] : values[0];
  if (typeof first === 'object' && first !== null) {
    if ('path' in first && typeof first.path === 'string') return null;
    return 'host' in first && typeof first.host === 'string' ? first.host : 'localhost';
  }
  return typeof values[1] === 'string' ? values[1] : null;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || host.startsWith('127.');
}
