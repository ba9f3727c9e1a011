import { beforeEach, describe, expect, it } from 'vitest';
import { createTurnstile, type Turnstile } from './turnstile.ts';

let turnstile: Turnstile;
let calls: (() => void)[];
let passed: number[];

beforeEach(() => {
  calls = [];
  passed = [];
  turnstile = createTurnstile({ groupMax: 2, turnsApart: 3, nextTurn: (call) => void calls.push(call) });
});

/** One turn of the event loop, and all that follows from it. */
async function turn(): Promise<void> {
  for (const call of calls.splice(0)) call();
  await new Promise(setImmediate);
}

function come(...names: readonly number[]): void {
  for (const name of names) {
    const waiting = turnstile.pass();
    if (waiting === null) passed.push(name);
    else void waiting.then(() => passed.push(name));
  }
}

describe('a turnstile', () => {
  it('lets a group go on at once', () => {
    come(1, 2);
    expect(passed).toEqual([1, 2]);
  });

  it('lets a crowd go on in groups, some turns apart, the first come first', async () => {
    come(1, 2, 3, 4, 5);
    await turn();
    await turn();
    expect(passed).toEqual([1, 2]);
    await turn();
    expect(passed).toEqual([1, 2, 3, 4]);
    come(6);
    for (let turns = 0; turns < 3; turns += 1) await turn();
    expect(passed).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('counts those who come one by one as a group too, but nobody waits behind an old one', async () => {
    come(1);
    await turn();
    come(2);
    come(3);
    expect(passed).toEqual([1, 2]);
    for (let turns = 0; turns < 2; turns += 1) await turn();
    expect(passed).toEqual([1, 2, 3]);
    for (let turns = 0; turns < 3; turns += 1) await turn();
    come(4, 5);
    expect(passed).toEqual([1, 2, 3, 4, 5]);
  });

  it('leaves the event loop alone while nobody comes', async () => {
    come(1, 2, 3);
    for (let turns = 0; turns < 6; turns += 1) await turn();
    expect(passed).toEqual([1, 2, 3]);
    expect(calls).toEqual([]);
  });
});
