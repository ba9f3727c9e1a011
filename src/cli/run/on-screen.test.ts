import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommandLine } from '../commands.ts';
import type { Screen } from '../io.ts';
import { createCapturedIo, openTestDesk, type TestDesk } from '../testing.ts';

let desk: TestDesk;
beforeEach(async () => {
  desk = await openTestDesk();
});
afterEach(() => desk.close());

function paper(columns: number): {
  readonly screen: Screen;
  readonly drawn: (readonly string[])[];
  closed(): number;
} {
  const drawn: (readonly string[])[] = [];
  const closings: string[] = [];
  const screen: Screen = {
    hasColor: false,
    columns: () => columns,
    open: async () => ({
      draw: (lines) => void drawn.push(lines),
      close: () => void closings.push('closed'),
    }),
  };
  return { screen, drawn, closed: () => closings.length };
}

describe('inspan run on a terminal', () => {
  it('draws a board that stays, no line wider than the terminal, and the result below it', async () => {
    const { screen, drawn, closed } = paper(60);
    const io = createCapturedIo({ directory: desk.directory, screen });
    const typed = ['run', 'kit', '--file', 'source.md', '--param', 'platforms=x', '--out', 'made'];
    expect(await runCommandLine(typed, io)).toBe(0);
    expect(closed()).toBe(1);
    expect(drawn[0]?.filter((line) => line.startsWith('· waits'))).toHaveLength(4);
    expect(drawn.at(-1)?.filter((line) => line.startsWith('✓ done'))).toHaveLength(4);
    expect(Math.max(...drawn.flat().map((line) => line.length))).toBeLessThanOrEqual(60);
    expect(io.stdout()).toContain('\nmade/\n  insights.md');
    expect(io.stdout()).not.toContain('extractor: started');
  });

  it('draws nothing with --json', async () => {
    const { screen, drawn } = paper(60);
    const io = createCapturedIo({ directory: desk.directory, screen });
    expect(await runCommandLine(['run', 'kit', '--file', 'source.md', '--json'], io)).toBe(0);
    expect(drawn).toEqual([]);
    expect(JSON.parse(io.stdout())).toMatchObject({ outcome: 'done', models: ['offline'] });
  });
});
