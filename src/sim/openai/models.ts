import type { Json } from '../../core/index.ts';
import type { Endpoint, HttpAnswer, HttpCall, SimModel, Simulation } from '../server/wire.ts';
import { bearerOf, refusedKey } from './ask.ts';
import { noSuchModel, problemAnswer } from './problem.ts';

/** Makes the endpoints that tell which models there are. */
export function modelsEndpoints(simulation: Simulation): readonly Endpoint[] {
  return [
    {
      method: 'GET',
      path: '/v1/models',
      answer: async (call) => ifAdmitted(call, simulation, () => listed(simulation)),
    },
    {
      method: 'GET',
      path: '/v1/models/:model',
      answer: async (call, { model = '' }) => ifAdmitted(call, simulation, () => one(model, simulation)),
    },
  ];
}

function ifAdmitted(call: HttpCall, simulation: Simulation, tell: () => HttpAnswer): HttpAnswer {
  return refusedKey(bearerOf(call), simulation) ?? tell();
}

function listed({ models }: Simulation): HttpAnswer {
  const data = models.filter(({ provider }) => provider === 'openai').map(modelObject);
  return { type: 'whole', status: 200, headers: {}, body: { object: 'list', data } };
}

function one(name: string, simulation: Simulation): HttpAnswer {
  const model = simulation.findModel('openai', name);
  if (model === null) return problemAnswer(noSuchModel(name).problem);
  return { type: 'whole', status: 200, headers: {}, body: modelObject(model) };
}

/** The day a model came out is not known here: 0 stands for it. */
function modelObject({ name }: SimModel): Json {
  return { id: name, object: 'model', created: 0, owned_by: 'openai', shutdown_date: null };
}
