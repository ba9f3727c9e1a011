import type { JobEvent as ToldEvent } from '../../client/index.ts';
import type { NumberedEvent } from '../../core/index.ts';

/** A server's event that boards and lines can show. */
export type ShownEvent = Exclude<ToldEvent, { readonly type: 'job-moved' }>;

/** Reads an event that a server told as one of this machine: money as micro-USD, times as milliseconds. */
export function eventAsHere({ at: told, ...facts }: ShownEvent): NumberedEvent {
  // A prompt's words are not told by servers: what became of its cached part is, without them.
  const unquoted = { before: '…', after: '…', value: '…' };
  const at = 'block' in facts ? facts.block : 'its prompt';
  return { ...unquoted, at, ...moneyAsHere(facts), atMs: Date.parse(told) } as unknown as NumberedEvent;
}

function moneyAsHere(facts: object): object {
  const read = Object.entries(facts).map(([name, value]: [string, unknown]) => {
    if (name === 'estimate') return [name, moneyAsHere(value as object)];
    return isMoney(value) ? [`${name}MicroUsd`, value.microUsd] : [name, value];
  });
  return Object.fromEntries(read) as object;
}

function isMoney(value: unknown): value is { readonly microUsd: unknown } {
  return typeof value === 'object' && value !== null && 'microUsd' in value;
}
