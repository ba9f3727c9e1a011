import type { IncomingMessage, ServerResponse } from 'node:http';
import { mistake } from './control.ts';
import { deliver } from './deliver.ts';
import type { Desk } from './desk.ts';
import { findRoute } from './find-route.ts';
import { bodyBytesMax, readCall } from './read-call.ts';
import type { HttpAnswer, HttpCall } from './wire.ts';

/** Answers one HTTP request, or hangs up on it. Never throws. */
export async function serve(message: IncomingMessage, response: ServerResponse, desk: Desk): Promise<void> {
  const left = new AbortController();
  const { signal } = left;
  const way = { response, signal, clock: desk.clock };
  response.once('close', () => {
    if (!response.writableFinished) left.abort();
  });
  try {
    const call = await readCall(message, signal);
    const answer = call === 'too-large' ? tooLarge : await answerTo(call, desk);
    if (desk.hangsUp(signal)) message.socket.destroy();
    else await deliver(answer, way);
  } catch (error) {
    // A client may leave while it is still sending: nobody is there then to hear anything.
    if (signal.aborted || message.destroyed) return;
    // All else is a bug of the simulator: it costs one answer, and never the others'.
    if (response.headersSent) response.destroy();
    else await deliver(mistake(`The simulator broke: ${String(error)}`, 500), way);
  }
}

const tooLarge = mistake(`The body is larger than ${bodyBytesMax} bytes: send less`, 413);

async function answerTo(call: HttpCall, { endpoints, log, now }: Desk): Promise<HttpAnswer> {
  if (!call.path.startsWith('/sim/')) log.note(call, now());
  const route = findRoute(endpoints, call);
  switch (route.type) {
    case 'found':
      return await route.endpoint.answer(call, route.parameters);
    case 'wrong-method': {
      const allow = route.methods.join(', ');
      return { ...mistake(`${call.path} takes ${allow}, not ${call.method}`, 405), headers: { allow } };
    }
    case 'unknown-path': {
      const known = endpoints.map(({ method, path }) => `${method} ${path}`).join(', ');
      return mistake(`There is nothing at ${call.path}. Known: ${known}`, 404);
    }
  }
}
