import { checkBody } from '../openai/request/check-body.ts';
import type { Endpoint, HttpAnswer, HttpCall, Simulation } from '../server/wire.ts';
import { chatBody } from './chat-body.ts';
import { readChat } from './chat-read.ts';
import { chatLines, chatWhole, loadedAnswer } from './chat-write.ts';
import { brokenLine, errorAnswer, named, refusalAnswer } from './ollama-error.ts';

/** Makes `POST /api/chat`, which streams unless it is told not to. */
export function chatEndpoint(simulation: Simulation): Endpoint {
  return {
    method: 'POST',
    path: '/api/chat',
    answer: (call) => answerChat(call, simulation),
  };
}

async function answerChat(call: HttpCall, simulation: Simulation): Promise<HttpAnswer> {
  const found = named(call, simulation);
  if (!found.ok) return found.told;
  const { model } = found;
  const checked = checkBody(chatBody, found.body);
  if (!checked.ok) return errorAnswer(400, checked.problem.message);
  const body = checked.value;
  const facts = { model, now: simulation.now(), showsThinking: body.think !== false };
  if ((body.messages ?? []).length === 0)
    return { type: 'whole', status: 200, headers: {}, body: loadedAnswer(facts) };
  const outcome = await simulation.ask({
    ...readChat(body, model, simulation),
    model,
    wire: 'ollama',
    // Nobody has a key here: all share one account.
    key: 'ollama',
    batch: false,
    tier: 'standard',
    signal: call.signal,
  });
  if (outcome.type === 'refused') return refusalAnswer(outcome.refusal);
  const { answer } = outcome;
  const { delivery } = answer;
  if (body.stream === false)
    return { type: 'whole', status: 200, headers: {}, body: chatWhole(answer, facts), delivery };
  return {
    type: 'stream',
    status: 200,
    headers: { 'content-type': 'application/x-ndjson' },
    frames: chatLines(answer, facts),
    overloadedFrame: brokenLine,
    delivery,
  };
}
