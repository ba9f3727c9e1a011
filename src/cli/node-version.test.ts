import { expect, it } from 'vitest';
import { isNodeTooOld } from './node-version.ts';

it('a Node that cannot run Inspan is told apart from one that can', () => {
  expect(['20.20.2', '22.9.0', '22.17.9'].map(isNodeTooOld)).toEqual([true, true, true]);
  expect(['22.18.0', '23.0.0', '24.21.0'].map(isNodeTooOld)).toEqual([false, false, false]);
});
