import type { Effort } from '../../core/index.ts';
import { contextTokensMaxOf, servedModelId } from '../model-facts.ts';
import { type Capabilities, effortsInOrder } from './capability.ts';
import { type CapabilityRow, claudeRows, geminiRows, gptRows, groqRows, localRows } from './known-models.ts';

/** Tells what a model, as `provider/name`, can be asked for. */
export function capabilitiesOf(modelId: string): Capabilities {
  const plain = servedModelId(modelId);
  const known = rows.find(([pattern]) => pattern.test(plain))?.[1] ?? unknownModel;
  // OpenRouter translates effort and budget into what each model takes; what it can see and say stays the model's.
  return modelId.startsWith('openrouter/') ? { ...known, efforts: null, thinking: null } : known;
}

/** The effort a model is asked for where it may not know the wanted one: the next lower it knows, else its lowest. */
export function nearestEffort(effort: Effort, modelId: string): Effort | null {
  const { efforts } = capabilitiesOf(modelId);
  if (efforts === null) return effort;
  const place = effortsInOrder.indexOf(effort);
  return efforts.findLast((each) => effortsInOrder.indexOf(each) <= place) ?? efforts[0] ?? null;
}

/** The longest answer of a model, thinking included, in tokens. All it can read where nothing is known. */
export function outputTokensMaxOf(modelId: string): number {
  return capabilitiesOf(modelId).outputTokensMax ?? contextTokensMaxOf(modelId);
}

const unknownModel: Capabilities = Object.freeze({
  efforts: null,
  thinking: null,
  sees: null,
  outputTokensMax: null,
});

const rows: readonly CapabilityRow[] = Object.freeze([
  ...claudeRows,
  ...gptRows,
  ...geminiRows,
  ...groqRows,
  ...localRows,
]);
