/** Replies by which a simulator keeps the contract of providers; the words are those of its questions. */
export const contractScript: readonly object[] = Object.freeze([
  { when: 'exactly: Hello', say: 'Hello, world.' },
  { when: 'at a.md with', calls: [{ tool: 'look', input: { path: 'a.md' } }] },
  { when: 'at a.md with', say: 'Hello, world.' },
  {
    when: 'at b.md',
    calls: [
      { tool: 'look', input: { path: 'a.md' } },
      { tool: 'look', input: { path: 'b.md' } },
    ],
  },
  { when: 'at b.md', say: 'Hello, world.' },
  { when: 'Count', say: 'one, two, three, four, five, '.repeat(40) },
  { when: 'Greet', say: '{"greeting":"Hello, world."}' },
  { when: 'refuse', say: 'No.', stop: 'refused' },
]);
