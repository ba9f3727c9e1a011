/** Lets those who come in a crowd go on in groups. */
export interface Turnstile {
  /** Null for whoever may go on at once; else resolves when it is his turn, the first come first. */
  pass(): Promise<void> | null;
}

/** How groups follow each other. */
export interface TurnstileOptions {
  /** At most this many in a group. */
  readonly groupMax: number;
  /** Turns of the event loop from one group to the next. */
  readonly turnsApart: number;
  /** Calls back in the next turn of the event loop; by default `setImmediate`. */
  readonly nextTurn?: (call: () => void) => void;
}

/**
 * Opens a turnstile. It keeps nobody for what others wait for, only for turns of the event loop: however long the work of
 * one group takes, the next goes on.
 */
export function createTurnstile({
  groupMax,
  turnsApart,
  nextTurn = setImmediate,
}: TurnstileOptions): Turnstile {
  const inLine: (() => void)[] = [];
  let inGroup = 0;
  let turnsLeft = 0;
  const turn = (): void => {
    turnsLeft -= 1;
    if (turnsLeft > 0) {
      nextTurn(turn);
      return;
    }
    const group = inLine.splice(0, groupMax);
    inGroup = group.length;
    if (inGroup > 0) begin();
    for (const goOn of group) goOn();
  };
  const begin = (): void => {
    turnsLeft = turnsApart;
    nextTurn(turn);
  };
  return {
    pass() {
      if (inGroup === 0) begin();
      if (inGroup === groupMax) return new Promise((resolve) => inLine.push(resolve));
      inGroup += 1;
      return null;
    },
  };
}
