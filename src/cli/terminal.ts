import type { Screen } from './io.ts';

/** The part of a stream that a screen needs. */
export type Terminal = NodeJS.WriteStream;

/** Makes a screen of a terminal, or null of anything else. The drawing library is loaded when it is opened. */
export function createScreen(
  stream: Terminal,
  environment: Readonly<Record<string, string | undefined>>,
): Screen | null {
  if (stream.isTTY !== true || environment['TERM'] === 'dumb') return null;
  return {
    // Any value but an empty one switches color off (no-color.org).
    hasColor: (environment['NO_COLOR'] ?? '') === '' && stream.hasColors(),
    columns: () => stream.columns,
    async open() {
      const { createLogUpdate } = await import('log-update');
      const update = createLogUpdate(stream);
      return {
        draw: (lines) => update(lines.join('\n')),
        close: () => update.done(),
      };
    },
  };
}
