import { isJsonObject, type Json } from '../../core/index.ts';
import type { Frame, HttpAnswer, HttpCall, Refusal, SimModel, Simulation } from '../server/wire.ts';

/** Writes an error as Ollama does: a status and one sentence. */
export function errorAnswer(
  status: number,
  error: string,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  return { type: 'whole', status, headers, body: { error } };
}

/** Writes the simulator's refusal in Ollama's words. */
export function refusalAnswer(refusal: Refusal): HttpAnswer {
  const { status, error } = refusals[refusal.code];
  const wait = refusal.retryAfterS === null ? {} : { 'retry-after': String(Math.ceil(refusal.retryAfterS)) };
  return errorAnswer(status, error, wait);
}

/** Two blanks, as the server itself says it. */
const busy = 'server busy, please try again.  maximum pending requests exceeded';

const refusals: Readonly<Record<Refusal['code'], { readonly status: number; readonly error: string }>> =
  Object.freeze({
    'bad-key': { status: 401, error: 'unauthorized' },
    'rate-limited': { status: 429, error: 'too many concurrent requests' },
    'quota-exhausted': {
      status: 429,
      error: "you've reached your weekly usage limit, please wait or upgrade to continue",
    },
    overloaded: { status: 503, error: busy },
    'server-error': { status: 500, error: 'model runner has unexpectedly stopped' },
    'context-overflow': { status: 400, error: 'the input length exceeds the context length' },
    'hangs-up': { status: 500, error: 'model runner has unexpectedly stopped' },
  });

/** Told in a stream whose server breaks down. */
export const brokenLine: Frame = Object.freeze({ text: `${JSON.stringify({ error: busy })}\n`, tokens: 0 });

/** A request's body and the model it names, or what is told instead. */
export type Named =
  | { readonly ok: true; readonly model: SimModel; readonly body: { readonly [name: string]: Json } }
  | { readonly ok: false; readonly told: HttpAnswer };

/** Reads the body of a request and finds its model. There are no keys on this wire. */
export function named({ body }: HttpCall, simulation: Simulation): Named {
  if (body === undefined) return { ok: false, told: errorAnswer(400, 'missing request body') };
  if (!isJsonObject(body)) return { ok: false, told: errorAnswer(400, 'the request body is no JSON object') };
  // `name` is what `/api/show` once took.
  const name = body['model'] ?? body['name'];
  if (typeof name !== 'string' || name === '') {
    return { ok: false, told: errorAnswer(400, 'model is required') };
  }
  const model = simulation.findModel('ollama', name);
  if (model === null) return { ok: false, told: errorAnswer(404, `model '${name}' not found`) };
  return { ok: true, model, body };
}
