/** What a member's first message tells it: what to read, and what it owes. */
export interface Task {
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** Artifacts that are the answer itself. */
  readonly answers: readonly string[];
}

/** Reads a member's task from its first message; null when it follows no protocol. */
export function readTask(text: string): Task | null {
  const task = {
    reads: listUnder(text, 'Read'),
    writes: listUnder(text, 'Write'),
    answers: listUnder(text, 'Answer'),
  };
  const { reads, writes, answers } = task;
  if (reads === null && writes === null && answers === null) return null;
  return { reads: reads ?? [], writes: writes ?? [], answers: answers ?? [] };
}

/**
 * Reads the steps of a lead's plan, each with the names of its members; empty when there is no plan.
 * The brief comes before the plan and may hold lines of the same shape, so the last heading counts.
 */
export function readPlan(text: string, members: readonly string[]): readonly (readonly string[])[] {
  const start = Math.max(0, text.search(/^Plan for this brief:(?![\s\S]*^Plan for this brief:)/m));
  const steps = [...text.slice(start).matchAll(/^Step \d+:[ \t]*(.+)$/gm)];
  const seen = new Set<string>();
  return steps
    .map(([, list]) => namesIn(list ?? '', members).filter((name) => !seen.has(name) && seen.add(name)))
    .filter((names) => names.length > 0);
}

/** The members that a text names, in the order in which they are members. */
export function membersNamed(text: string, members: readonly string[]): readonly string[] {
  return members.filter((name) => {
    const whole = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    return new RegExp(`(?<![\\p{L}\\p{N}_/-])${whole}(?![\\p{L}\\p{N}_/-]|\\.[\\p{L}\\p{N}])`, 'u').test(
      text,
    );
  });
}

function namesIn(list: string, members: readonly string[]): readonly string[] {
  return list.split(',').flatMap((entry) => {
    const name = entry.trim().replace(/\s.*$/s, '');
    return members.includes(name) ? [name] : [];
  });
}

/** The entries of the list below `<heading>:`; null when there is no such heading. */
function listUnder(text: string, heading: string): readonly string[] | null {
  const lines = text.split(/\r?\n/);
  const start = lines.findIndex((line) => line.trim() === `${heading}:`);
  if (start < 0) return null;
  const rest = lines.slice(start + 1);
  const first = rest.findIndex((line) => line.trim() !== '');
  const entries: string[] = [];
  for (const line of rest.slice(Math.max(0, first))) {
    const entry = /^\s*[-*]\s+(.+?)\s*$/.exec(line)?.[1];
    if (entry === undefined) break;
    entries.push(pathOf(entry));
  }
  return entries.filter((path) => path !== '');
}

/** A path without the remark that may follow it: `x.md (12 bytes)`, `x.md: your notes`. */
function pathOf(entry: string): string {
  const bare = entry.replace(/\s+\([^()]*\)$/, '').replace(/^`([^`]+)`.*$/, '$1');
  if (bare.startsWith('(')) return '';
  return /^(\S+(?:\.\w+|\/))(?::|\s+[-–—])\s/.exec(bare)?.[1] ?? bare;
}
