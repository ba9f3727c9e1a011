/** As much as fits a line of a log. */
const lineCharactersMax = 300;

/** What an error says, in one line without its full stop. */
export function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return (text.split('\n')[0] ?? '').replace(/\.$/, '').slice(0, lineCharactersMax);
}
