import type { Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Failure, failure } from '../../core/index.ts';
import { problemOf, problemType } from './problem.ts';

/** Answers with a problem what is no request, and comes to no route. */
export function answerBrokenRequests(server: Server, { newId }: { newId(): string }): void {
  const answers = new WeakMap<Duplex, ServerResponse>();
  server.on('request', ({ socket }, response) => answers.set(socket, response));
  server.on('clientError', (error: Error & { readonly code?: string }, socket) => {
    const answer = answers.get(socket);
    // In the middle of an answer there is no place for another one.
    const isAnswering = answer?.headersSent === true && !answer.writableEnded;
    if (socket.writable && error.code !== 'ECONNRESET' && !isAnswering) {
      socket.write(answerTo(error.code, `req_${newId()}`));
    }
    socket.destroy();
  });
}

interface Broken {
  readonly status: number;
  readonly reason: string;
  readonly failure: Failure;
}

function answerTo(code: string | undefined, requestId: string): string {
  const { status, reason, failure: why } = brokenBy(code);
  const body = JSON.stringify({ ...problemOf([why], requestId), status });
  return [
    `HTTP/1.1 ${status} ${reason}`,
    'Connection: close',
    `Content-Type: ${problemType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${requestId}`,
    '',
    body,
  ].join('\r\n');
}

/** Node's own codes (`http`, event `clientError`). */
function brokenBy(code: string | undefined): Broken {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    const why = failure('timeout', 'The request took too long to arrive: send it faster, or send less.');
    return { status: 408, reason: 'Request Timeout', failure: why };
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    const why = failure('too-large', 'The headers of the request are too large: send fewer.');
    return { status: 431, reason: 'Request Header Fields Too Large', failure: why };
  }
  const why = failure('wrong-input', 'This is no HTTP request. Is something else meant to listen here?');
  return { status: 400, reason: 'Bad Request', failure: why };
}
