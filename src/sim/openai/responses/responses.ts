import type { Json } from '../../../core/index.ts';
import type { Answer, Endpoint, HttpAnswer, HttpCall, SimModel, Simulation } from '../../server/wire.ts';
import { admit, answerHeaders, ask, bearerOf, promptParts, refusedKey } from '../ask.ts';
import { type Checked, noSuchModel, notSimulated, passed, problemAnswer } from '../problem.ts';
import { rateLimitHeaders } from '../rate-limit-headers.ts';
import { checkBody } from '../request/check-body.ts';
import { isEmbeddingModel } from '../request/settings.ts';
import { countBody, type InputItem, type ResponsesBody, responsesBody } from './responses-body.ts';
import { outputItems, shownItems } from './responses-items.ts';
import { createResponsesMemory, type ResponsesMemory } from './responses-memory.ts';
import { readResponses, type WantedResponse } from './responses-read.ts';
import { isEndedEarly, responseStream } from './responses-stream.ts';
import { responseObject } from './responses-write.ts';

/** Makes the endpoints below `/v1/responses`, with the memory that they share. */
export function responsesEndpoints(simulation: Simulation): readonly Endpoint[] {
  const memory = createResponsesMemory();
  return [
    {
      method: 'POST',
      path: '/v1/responses',
      answer: (call) => answerResponse(call, simulation, memory),
    },
    {
      method: 'POST',
      path: '/v1/responses/input_tokens',
      answer: async (call) => countInput(call, simulation, memory),
    },
    {
      method: 'GET',
      path: '/v1/responses/:id',
      answer: async (call, { id = '' }) =>
        withStored(call, simulation, (key) => retrieved(call, memory.find(key, id)?.response ?? null, id)),
    },
    {
      method: 'DELETE',
      path: '/v1/responses/:id',
      answer: async (call, { id = '' }) =>
        withStored(call, simulation, (key) =>
          memory.remove(key, id) ? whole({ id, object: 'response', deleted: true }) : noSuchResponse(id),
        ),
    },
  ];
}

async function answerResponse(
  call: HttpCall,
  simulation: Simulation,
  memory: ResponsesMemory,
): Promise<HttpAnswer> {
  const entered = enter(call, simulation);
  if (!entered.ok) return entered.told;
  const { model, key, body } = entered;
  const checked = checkBody(responsesBody, body);
  if (!checked.ok) return problemAnswer(checked.problem);
  const read = readResponses(checked.value, { model, key, memory });
  if (!read.ok) return problemAnswer(read.problem);
  const asked = await ask(read.value.wanted, simulation, call.signal);
  if (!asked.ok) return asked.told;
  return told(asked.answer, { body: checked.value, read: read.value, simulation, memory });
}

interface Telling {
  readonly body: ResponsesBody;
  readonly read: WantedResponse;
  readonly simulation: Simulation;
  readonly memory: ResponsesMemory;
}

function told(answer: Answer, { body, read, simulation, memory }: Telling): HttpAnswer {
  const { model, key, tier } = read.wanted;
  const now = simulation.now();
  const createdS = Math.floor(now / 1000);
  const facts = { id: simulation.newId('resp_'), createdS, model: model.name, tier, body };
  const summarises = Boolean(body.reasoning?.summary ?? body.reasoning?.generate_summary);
  const output = outputItems(answer, simulation, { summarises });
  const shown = shownItems(output, body.include?.includes('reasoning.encrypted_content') === true);
  const status = isEndedEarly(answer, facts) ? 'incomplete' : 'completed';
  const response = responseObject(facts, { status, output: shown, usage: answer.usage });
  if (body.store !== false) {
    const conversation = [...read.conversation, ...(output as readonly InputItem[])];
    memory.keep(key, { id: facts.id, response, conversation });
  }
  const { delivery, limits } = answer;
  const headers = answerHeaders(simulation.newId('req_'), rateLimitHeaders(limits, now));
  if (body.stream !== true) return { type: 'whole', status: 200, headers, body: response, delivery };
  return {
    type: 'stream',
    status: 200,
    headers: { ...headers, 'content-type': 'text/event-stream; charset=utf-8' },
    ...responseStream(facts, shown, answer),
    delivery,
  };
}

type Entered =
  | { readonly ok: true; readonly model: SimModel; readonly key: string; readonly body: Json }
  | { readonly ok: false; readonly told: HttpAnswer };

function enter(call: HttpCall, simulation: Simulation): Entered {
  const admitted = admit(call, simulation);
  if (!admitted.ok) return admitted;
  const { key, body } = admitted.value;
  const model = modelOf(body['model'], simulation);
  return model.ok
    ? { ok: true, model: model.value, key, body }
    : { ok: false, told: problemAnswer(model.problem) };
}

function modelOf(name: Json | undefined, simulation: Simulation): Checked<SimModel> {
  if (typeof name !== 'string') {
    const message = "Missing required parameter: 'model'.";
    const code = 'missing_required_parameter';
    const problem = { status: 400, type: 'invalid_request_error', code, param: 'model', message };
    return { ok: false, problem };
  }
  const model = simulation.findModel('openai', name);
  return model === null || isEmbeddingModel(name) ? noSuchModel(name) : passed(model);
}

function countInput(call: HttpCall, simulation: Simulation, memory: ResponsesMemory): HttpAnswer {
  const entered = enter(call, simulation);
  if (!entered.ok) return entered.told;
  const checked = checkBody(countBody, entered.body);
  if (!checked.ok) return problemAnswer(checked.problem);
  const read = readResponses(checked.value, { ...entered, memory });
  if (!read.ok) return problemAnswer(read.problem);
  const parts = promptParts(read.value.wanted, simulation);
  const inputTokens = parts.reduce((sum, { tokens }) => sum + tokens, 0);
  return whole({ object: 'response.input_tokens', input_tokens: inputTokens });
}

function withStored(call: HttpCall, simulation: Simulation, tell: (key: string) => HttpAnswer): HttpAnswer {
  const key = bearerOf(call);
  return refusedKey(key, simulation) ?? tell(key ?? '');
}

function retrieved({ query }: HttpCall, response: Json | null, id: string): HttpAnswer {
  if (query.get('stream') === 'true')
    return problemAnswer(notSimulated('Streaming a stored response', 'stream').problem);
  return response === null ? noSuchResponse(id) : whole(response);
}

function noSuchResponse(id: string): HttpAnswer {
  const message = `Response with id '${id}' not found.`;
  return problemAnswer({ status: 404, type: 'invalid_request_error', code: null, param: 'id', message });
}

function whole(body: Json): HttpAnswer {
  return { type: 'whole', status: 200, headers: {}, body };
}
