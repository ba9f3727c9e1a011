import type { Json } from '../../core/index.ts';
import type { Answer, Asked, Refusal, SimModel, Simulation } from '../server/wire.ts';
import { type Caller, modelNamed } from './admit.ts';
import { messageFault } from './check-body.ts';
import { type Checked, type Fault, faultOfRefusal, faulty, sound } from './fault.ts';
import { type MessageBody, messageBodySchema } from './message-body.ts';
import { rulesOf } from './model-rules.ts';
import { readCaching, readPrompt } from './read-prompt.ts';
import { readRequest } from './read-request.ts';
import { readShape } from './read-shape.ts';
import { thinkingModeOf } from './thinking-mode.ts';
import { type WireMessage, writeMessage } from './write-message.ts';

/** How a request for a message ended. */
export type Generation =
  | {
      readonly type: 'message';
      readonly body: MessageBody;
      readonly message: WireMessage;
      readonly answer: Answer;
    }
  /** `refusal`: the request was in order, but the provider would not or could not. */
  | { readonly type: 'fault'; readonly fault: Fault; readonly refusal: Refusal | null };

/** How a generation is made: for one caller at once, or as an item of a batch. */
export interface GenerationOptions {
  readonly caller: Caller;
  readonly batch: boolean;
  readonly signal: AbortSignal;
}

/** Answers the body of a request for a message. */
export async function generate(
  simulation: Simulation,
  json: Json | undefined,
  options: GenerationOptions,
): Promise<Generation> {
  const checked = readMessageBody(simulation, json, options);
  if (!checked.ok) return { type: 'fault', fault: checked.fault, refusal: null };
  const { body, model } = checked.value;
  const rules = rulesOf(model.name);
  const { request, forcedTool } = readRequest(body, rules, options.caller.requestId);
  const outcome = await simulation.ask(askedOf({ body, model, request }, simulation, options));
  if (outcome.type === 'refused') {
    const { refusal } = outcome;
    return { type: 'fault', fault: faultOfRefusal(refusal, model), refusal };
  }
  const message = writeMessage(outcome.answer, {
    body,
    batch: options.batch,
    forcedTool,
    showsThinking: thinkingModeOf(body, rules).isShown,
    newId: (prefix) => simulation.newId(prefix),
    countTokens: (text) => simulation.countTokens(text),
  });
  return { type: 'message', body, message, answer: outcome.answer };
}

interface Understood {
  readonly body: MessageBody;
  readonly model: SimModel;
}

function readMessageBody(
  simulation: Simulation,
  json: Json | undefined,
  { caller: { version }, batch }: GenerationOptions,
): Checked<Understood> {
  const shaped = readShape(messageBodySchema, json);
  if (!shaped.ok) return shaped;
  const body = shaped.value;
  const found = modelNamed(simulation, body.model);
  if (!found.ok) return found;
  const model = found.value;
  const fault = messageFault(body, { model, rules: rulesOf(model.name), version, batch });
  return fault === null ? sound({ body, model }) : faulty(fault);
}

function askedOf(
  { body, model, request }: Understood & Pick<Asked, 'request'>,
  simulation: Simulation,
  { caller, batch, signal }: GenerationOptions,
): Asked {
  const rules = rulesOf(model.name);
  return {
    model,
    wire: batch ? 'batch' : 'messages',
    key: caller.key,
    request,
    prompt: readPrompt(body, { rules, countTokens: (text) => simulation.countTokens(text) }),
    caching: readCaching(body, rules, caller.workspace),
    batch,
    tier: body.speed === 'fast' ? 'fast' : 'standard',
    signal,
  };
}
