import type { ServerResponse } from 'node:http';
import type { Answered, TextAnswer } from '../route.ts';

/** Adds to the head of an answer what it does not say itself. */
export function withHead(answer: Answered, head: Readonly<Record<string, string>>): Answered {
  if (!(answer instanceof Response)) return { ...answer, headers: { ...head, ...answer.headers } };
  for (const [name, value] of Object.entries(head)) {
    if (!answer.headers.has(name)) answer.headers.set(name, value);
  }
  return answer;
}

/** Makes any answer one of the platform's. */
export function responseOf(answer: Answered, { method }: Pick<Request, 'method'>): Response {
  if (answer instanceof Response) return answer;
  const { status, headers, text } = answer;
  return new Response(method === 'HEAD' ? null : text, { status, headers });
}

/** Sends an answer that is known as a whole, in one piece. */
export function sendText(outgoing: ServerResponse, { status, headers, text }: TextAnswer): void {
  outgoing.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(text) });
  outgoing.end(text);
}
