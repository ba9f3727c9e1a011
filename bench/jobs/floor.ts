/**
 * The floor of the API: a bare server of the platform. A `POST` is kept in a row, with its own commit, before it is
 * answered with 202; a `GET` is answered from memory. `floor.ts <file>`.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import { answerCalls } from './peer.ts';

/** What the floor can be asked. */
export interface FloorCalls {
  serve(): Promise<string>;
}

const [, , file = ''] = process.argv;
const database = new DatabaseSync(file);
database.exec('pragma journal_mode = wal; pragma synchronous = full; create table rows (body text)');
const insert = database.prepare('insert into rows values (?)');
/** About as long as the status of a job. */
const status = JSON.stringify({ id: 'job', state: 'running', words: 'x'.repeat(900) });
const head = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(status) };

answerCalls<FloorCalls>({
  async serve() {
    const server = createServer((request, response) => {
      void textOf(request).then((text) => {
        if (request.method === 'POST') insert.run(text);
        response.writeHead(request.method === 'POST' ? 202 : 200, head);
        response.end(status);
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  },
});

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
