import type { Answer, Endpoint, HttpAnswer, HttpCall, SimModel, Simulation } from '../../server/wire.ts';
import { answerHeaders, ask, bearerOf, bodyOf, refusedKey, type Wanted } from '../ask.ts';
import { type Checked, invalid, noSuchModel, passed, problemAnswer } from '../problem.ts';
import { rateLimitHeaders } from '../rate-limit-headers.ts';
import { checkBody } from '../request/check-body.ts';
import { isEmbeddingModel } from '../request/settings.ts';
import { chatBody } from './chat-body.ts';
import { readChat } from './chat-read.ts';
import { brokenChatFrame, chatCompletion, chatFrames } from './chat-write.ts';

/**
 * Makes `POST /v1/chat/completions`.
 * Models of Ollama are answered here as well, as Ollama itself does: without a key, and without cache counts.
 */
export function chatEndpoint(simulation: Simulation): Endpoint {
  return {
    method: 'POST',
    path: '/v1/chat/completions',
    answer: (call) => answerChat(call, simulation),
  };
}

async function answerChat(call: HttpCall, simulation: Simulation): Promise<HttpAnswer> {
  const body = bodyOf(call);
  const name = body.ok ? body.value['model'] : undefined;
  const local = typeof name === 'string' ? simulation.findModel('ollama', name) : null;
  const key = bearerOf(call);
  const refused = local === null ? refusedKey(key, simulation) : null;
  if (refused !== null) return refused;
  if (!body.ok) return problemAnswer(body.problem);
  const model = local === null ? chatModel(name, simulation) : passed(local);
  if (!model.ok) return problemAnswer(model.problem);
  const checked = checkBody(chatBody, body.value);
  if (!checked.ok) return problemAnswer(checked.problem);
  const wanted = readChat(checked.value, model.value, key ?? model.value.provider);
  if (!wanted.ok) return problemAnswer(wanted.problem);
  const asked = await ask(wanted.value, simulation, call.signal);
  if (!asked.ok) return asked.told;
  const { stream, stream_options: options } = checked.value;
  const telling = { isStream: stream === true, includesUsage: options?.include_usage === true };
  return told(asked.answer, { ...telling, wanted: wanted.value, simulation });
}

/** Finds a model that chats: embedding models do not. */
function chatModel(name: unknown, simulation: Simulation): Checked<SimModel> {
  if (typeof name !== 'string') return invalid('you must provide a model parameter', null, null);
  const model = simulation.findModel('openai', name);
  if (model === null) return noSuchModel(name);
  if (!isEmbeddingModel(name)) return passed(model);
  const message = 'This is not a chat model and thus not supported in the v1/chat/completions endpoint.';
  const problem = { status: 404, type: 'invalid_request_error', code: null, param: 'model', message };
  return { ok: false, problem };
}

interface Telling {
  readonly isStream: boolean;
  readonly includesUsage: boolean;
  readonly wanted: Wanted;
  readonly simulation: Simulation;
}

function told(answer: Answer, { isStream, includesUsage, wanted, simulation }: Telling): HttpAnswer {
  const now = simulation.now();
  const facts = {
    id: simulation.newId('chatcmpl-'),
    createdS: Math.floor(now / 1000),
    model: wanted.model,
    tier: wanted.tier,
  };
  const { delivery, limits } = answer;
  const headers = answerHeaders(simulation.newId('req_'), rateLimitHeaders(limits, now));
  if (!isStream)
    return { type: 'whole', status: 200, headers, body: chatCompletion(answer, facts), delivery };
  return {
    type: 'stream',
    status: 200,
    headers: { ...headers, 'content-type': 'text/event-stream; charset=utf-8' },
    frames: chatFrames(answer, facts, includesUsage),
    overloadedFrame: brokenChatFrame,
    delivery,
  };
}
