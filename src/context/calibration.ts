/** Learns how many of a model's tokens one token counted here stands for. */
export interface Calibration {
  /** By what to multiply a count made here. */
  factorOf(model: string): number;
  /** Takes in a reply: what was counted here before it, and what the provider then reported. */
  learn(model: string, tokens: { readonly counted: number; readonly reported: number }): void;
}

/** Makes a calibration. `startAt` is what is known of a model before its first reply. */
export function createCalibration(startAt: (model: string) => number): Calibration {
  const factors = new Map<string, number>();
  const factorOf = (model: string): number => factors.get(model) ?? tokenRatio(startAt(model), 1);
  return {
    factorOf,
    learn(model, { counted, reported }) {
      if (counted < countedMin || reported <= 0) return;
      if (!factors.has(model) && factors.size >= modelsMax) return;
      const seen = tokenRatio(reported, counted);
      factors.set(model, factorOf(model) + newestWeight * (seen - factorOf(model)));
    },
  };
}

/** Divides a provider's count by ours. Bounded: beyond that one of them is wrong, not the tokenizer another. 1 where one is 0. */
export function tokenRatio(reported: number, counted: number): number {
  if (reported <= 0 || counted <= 0) return 1;
  return Math.min(ratioMax, Math.max(ratioMin, reported / counted));
}

const ratioMin = 0.5;
const ratioMax = 3;

/** Half of what is known comes from the last seven replies (0.9^7): quick to learn, steady against one odd prompt. */
const newestWeight = 0.1;

/** In shorter requests a provider's own few hundred tokens of framing would be taken for a tokenizer's difference. */
const countedMin = 500;

/** Models a process may meet; their names come from configuration, so this only stops a leak. */
const modelsMax = 1_000;
