import type { CountTokens, Model } from '../../../core/index.ts';
import type { Profile } from '../profile.ts';
import type { Brain } from './brain.ts';
import { createFixedBrain } from './fixed-brain.ts';
import { createScriptBrain } from './script-brain.ts';

/** What brains need beside the profile. */
export interface BrainParts {
  readonly offline: Model;
  readonly countTokens: CountTokens;
}

/** Makes the brain that a profile asks for. */
export function createBrain({ brain }: Profile, { offline, countTokens }: BrainParts): Brain {
  if (brain === 'offline') return modelBrain(offline);
  if ('script' in brain) return createScriptBrain(brain.script);
  return createFixedBrain(brain.fixed, countTokens);
}

function modelBrain(model: Model): Brain {
  return async ({ request, signal }) => {
    for await (const event of model.stream(request, signal)) {
      if (event.type !== 'end') continue;
      const { end } = event;
      if (end.type === 'failed') return { type: 'failed', failure: end.failure };
      return { type: 'reply', reply: { blocks: end.reply.blocks, stop: end.reply.stop } };
    }
    throw new Error(`The stream of ${model.id} had no end`);
  };
}
