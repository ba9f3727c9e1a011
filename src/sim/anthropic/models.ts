import type { Endpoint, HttpAnswer, HttpCall, SimModel, Simulation } from '../server/wire.ts';
import { admit, faultAnswer, jsonAnswer, modelNamed } from './admit.ts';
import { type Checked, sound } from './fault.ts';
import { type Listed, pageOf } from './page.ts';
import { rfc3339 } from './response-headers.ts';

/** The endpoints that tell which models there are. */
export function modelEndpoints(simulation: Simulation): readonly Endpoint[] {
  const answering = (read: (call: HttpCall, id: string) => Checked<Parameters<typeof jsonAnswer>[0]>) => {
    return async (call: HttpCall, { id = '' }: Readonly<Record<string, string>>): Promise<HttpAnswer> => {
      const requestId = simulation.newId('req_01');
      const caller = admit(call, simulation);
      const found = caller.ok ? read(call, id) : caller;
      return found.ok ? jsonAnswer(found.value, requestId) : faultAnswer(found.fault, { requestId });
    };
  };
  return [
    {
      method: 'GET',
      path: '/v1/models',
      takes: isAnthropic,
      answer: answering(({ query }) =>
        pageOf(simulation.models.filter(({ provider }) => provider === 'anthropic').map(modelInfo), query),
      ),
    },
    {
      method: 'GET',
      path: '/v1/models/:id',
      takes: isAnthropic,
      answer: answering((_, id) => {
        const model = modelNamed(simulation, id);
        return model.ok ? sound(modelInfo(model.value)) : model;
      }),
    },
  ];
}

/** OpenAI has the same paths; only Anthropic's clients say their version. */
function isAnthropic({ headers }: HttpCall): boolean {
  return headers['anthropic-version'] !== undefined;
}

/** The day a model came out is not known here, for which the API has the epoch. */
function modelInfo({ name, contextTokensMax, outputTokensMax }: SimModel): Listed {
  return {
    id: name,
    type: 'model',
    display_name: displayName(name),
    created_at: rfc3339(0),
    max_input_tokens: contextTokensMax,
    max_tokens: outputTokensMax,
    lifecycle: 'active',
    line: /haiku|sonnet|opus|fable|mythos/.exec(name)?.[0] ?? null,
    deprecated_at: null,
    retires_at: null,
    capabilities: null,
  };
}

/** `claude-opus-4-5-20251101` is shown as `Claude Opus 4.5`. */
function displayName(name: string): string {
  const words = name
    .replace(/-\d{8}$/, '')
    .replace(/(\d)-(?=\d)/g, '$1.')
    .split('-');
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(' ');
}
