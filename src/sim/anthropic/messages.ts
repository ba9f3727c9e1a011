import type { Endpoint, HttpAnswer, HttpCall, Simulation } from '../server/wire.ts';
import { admit, bodyOf, faultAnswer, jsonAnswer, modelNamed } from './admit.ts';
import { promptFault } from './check-body.ts';
import { type Checked, faulty, sound } from './fault.ts';
import { type Generation, generate } from './generate.ts';
import { countBodySchema } from './message-body.ts';
import { rulesOf } from './model-rules.ts';
import { readPrompt } from './read-prompt.ts';
import { readShape } from './read-shape.ts';
import { identityHeaders, limitHeaders } from './response-headers.ts';
import { deliveryOf, wholeMessage } from './write-message.ts';
import { overloadedFrame, writeStream } from './write-stream.ts';

/** The endpoints that answer with a message, and that count what one would cost. */
export function messageEndpoints(simulation: Simulation): readonly Endpoint[] {
  return [
    {
      method: 'POST',
      path: '/v1/messages',
      answer: (call) => answerMessage(simulation, call, simulation.newId('req_01')),
    },
    {
      method: 'POST',
      path: '/v1/messages/count_tokens',
      answer: async (call) => {
        const requestId = simulation.newId('req_01');
        const counted = countTokens(simulation, call);
        return counted.ok
          ? jsonAnswer({ input_tokens: counted.value }, requestId)
          : faultAnswer(counted.fault, { requestId });
      },
    },
  ];
}

async function answerMessage(simulation: Simulation, call: HttpCall, requestId: string): Promise<HttpAnswer> {
  const caller = admit(call, simulation);
  if (!caller.ok) return faultAnswer(caller.fault, { requestId });
  const body = bodyOf(call);
  if (!body.ok) return faultAnswer(body.fault, { requestId });
  const options = { caller: { ...caller.value, requestId }, batch: false, signal: call.signal };
  const generation = await generate(simulation, body.value, options);
  if (generation.type === 'message') return messageAnswer(generation, simulation, requestId);
  const { fault, refusal } = generation;
  return faultAnswer(fault, {
    requestId,
    retryAfterS: refusal?.retryAfterS ?? null,
    limits: refusal?.limits ?? null,
  });
}

function messageAnswer(
  { body, message, answer }: Extract<Generation, { readonly type: 'message' }>,
  simulation: Simulation,
  requestId: string,
): HttpAnswer {
  const headers = { ...identityHeaders(requestId), ...limitHeaders(answer.limits) };
  const delivery = deliveryOf(answer, message);
  if (body.stream !== true) {
    return { type: 'whole', status: 200, headers, body: wholeMessage(message), delivery };
  }
  return {
    type: 'stream',
    status: 200,
    headers: { ...headers, 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
    frames: writeStream(message, (text) => simulation.countTokens(text)),
    overloadedFrame,
    delivery,
  };
}

function countTokens(simulation: Simulation, call: HttpCall): Checked<number> {
  const caller = admit(call, simulation);
  if (!caller.ok) return caller;
  const json = bodyOf(call);
  if (!json.ok) return json;
  const shaped = readShape(countBodySchema, json.value);
  if (!shaped.ok) return shaped;
  const model = modelNamed(simulation, shaped.value.model);
  if (!model.ok) return model;
  const rules = rulesOf(model.value.name);
  const fault = promptFault(shaped.value, { model: model.value, rules, version: caller.value.version });
  if (fault !== null) return faulty(fault);
  const parts = readPrompt(shaped.value, { rules, countTokens: (text) => simulation.countTokens(text) });
  return sound(parts.reduce((sum, { tokens }) => sum + tokens, 0));
}
