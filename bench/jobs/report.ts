/** One line of the bench: what was measured, its figure, and whether that is good enough. */
export interface Figure {
  readonly name: string;
  /** The figure as it is printed, with its unit. */
  readonly text: string;
  readonly value: number;
  readonly target: Target;
}

/** What a figure has to reach; `text` says it with its unit. */
export interface Target {
  readonly atMost?: number;
  readonly atLeast?: number;
  readonly unit: string;
}

/** Prints figures; gives whether all of them are good enough. */
export function report(figures: readonly Figure[]): boolean {
  for (const figure of figures) {
    const { name, text, target } = figure;
    const verdict = isReached(figure) ? 'ok' : 'missed';
    console.log(`${name.padEnd(52)} ${text.padStart(34)}   ${wordsOf(target).padEnd(20)} ${verdict}`);
  }
  return figures.every(isReached);
}

function isReached({ value, target: { atMost = Infinity, atLeast = -Infinity } }: Figure): boolean {
  return value <= atMost && value >= atLeast;
}

function wordsOf({ atMost, atLeast, unit }: Target): string {
  return atMost === undefined ? `at least ${atLeast} ${unit}` : `at most ${atMost} ${unit}`;
}
