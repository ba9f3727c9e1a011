import { hashJson, type Json } from '../../core/index.ts';
import type { Endpoint, SimModel, Simulation } from '../server/wire.ts';
import { named } from './ollama-error.ts';

/** Makes the endpoints that tell which models there are, and which server this is. */
export function catalogEndpoints(simulation: Simulation): readonly Endpoint[] {
  const tell = (body: Json) => ({ type: 'whole', status: 200, headers: {}, body }) as const;
  return [
    { method: 'GET', path: '/api/version', answer: async () => tell({ version: '0.0.0-simulated' }) },
    { method: 'GET', path: '/api/tags', answer: async () => tell({ models: tagsOf(simulation) }) },
    {
      method: 'POST',
      path: '/api/show',
      answer: async (call) => {
        const found = named(call, simulation);
        return found.ok ? tell(shown(found.model, simulation.now())) : found.told;
      },
    },
  ];
}

function tagsOf(simulation: Simulation): readonly Json[] {
  return simulation.models
    .filter(({ provider }) => provider === 'ollama')
    .map((model) => ({
      name: model.name,
      model: model.name,
      modified_at: new Date(simulation.now()).toISOString(),
      // There are no weights.
      size: 0,
      digest: hashJson(model.name),
      details: detailsOf(model),
    }));
}

function shown(model: SimModel, now: number): Json {
  const details = detailsOf(model);
  const isEmbedding = /embed/i.test(model.name);
  return {
    modelfile: `FROM ${model.name}`,
    parameters: '',
    template: '',
    details,
    model_info: {
      'general.architecture': details.family,
      [`${details.family}.context_length`]: model.contextTokensMax,
    },
    capabilities: isEmbedding ? ['embedding'] : ['completion', 'tools', 'thinking'],
    modified_at: new Date(now).toISOString(),
  };
}

/** All that a name tells: `qwen3:8b` is of the family qwen3 and has 8 B parameters. */
function detailsOf({ name }: SimModel) {
  const [family = name, tag = ''] = name.split(':');
  return {
    parent_model: '',
    format: 'gguf',
    family,
    families: [family],
    parameter_size: /^\d+(?:\.\d+)?[bm]/i.exec(tag)?.[0].toUpperCase() ?? '',
    quantization_level: '',
  };
}
