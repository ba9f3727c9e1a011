/** What the scripted model does next: calls one tool, or says its last word. */
export type Step =
  | { readonly call: { readonly name: string; readonly input: Readonly<Record<string, string | number>> } }
  | { readonly text: string };

/** What of a request decides the next step. */
export interface Asked {
  /** Names of the tools on offer. */
  readonly tools: readonly string[];
  /** Members that the `delegate` tool offers, in order. */
  readonly members: readonly string[];
  /** The first user message. */
  readonly task: string;
  /** Replies so far. */
  readonly turn: number;
  /** Turns with a tool before an agent that ticks ends. */
  readonly turnsMax: number;
}

/**
 * Plays every agent of the bench, from the request alone: a lead delegates to one member after the other, an agent
 * with `tick` calls it until its last turn and then writes, one with `ask_person` asks, writes and ends, every other
 * reads one file, writes one and ends.
 */
export function nextStep({ tools, members, task, turn, turnsMax }: Asked): Step {
  if (tools.includes('delegate')) {
    const agent = members[turn];
    return agent === undefined ? { text: 'All are done.' } : { call: { name: 'delegate', input: { agent } } };
  }
  const path = pathAfter(task, 'Write') ?? 'answer.md';
  const write = { call: { name: 'write_file', input: { path, content: artifact } } };
  if (tools.includes('tick')) {
    if (turn < turnsMax - 1) return { call: { name: 'tick', input: { n: turn + 1 } } };
    return turn === turnsMax - 1 ? write : { text: 'Ticked and wrote.' };
  }
  if (turn === 0 && tools.includes('ask_person')) {
    return { call: { name: 'ask_person', input: { question: 'What shall it say?' } } };
  }
  if (turn === 0)
    return { call: { name: 'read_file', input: { path: pathAfter(task, 'Read') ?? 'brief.md' } } };
  return turn === 1 ? write : { text: 'Wrote the file.' };
}

/** Five lines, about as long as a post. */
const artifact = 'A line that says what a small artifact says, in plain words and at some length.\n'.repeat(
  5,
);

/** The first path of a list in the task, as the protocol writes it. */
function pathAfter(task: string, heading: string): string | null {
  return new RegExp(`${heading}:\\n- (\\S+)`).exec(task)?.[1] ?? null;
}
