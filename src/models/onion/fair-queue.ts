/** Waits in line, and jobs take turns: nobody waits behind all of another job's requests. */
export interface FairQueue<T> {
  readonly size: () => number;
  add(job: string, item: T): void;
  /** How many have their turn before one that a job would add now. */
  ahead(job: string): number;
  /** Whose turn it is; undefined when nobody waits. */
  next(): T | undefined;
  /** Takes out whose turn it is: the job's next item waits until all other jobs had theirs. */
  shift(): T | undefined;
  /** Everybody who waits, as it is now. */
  all(): readonly T[];
  /** Takes out one that no longer wants to wait. */
  remove(job: string, item: T): void;
}

/** Makes a queue: round robin over jobs, first come, first served within a job. */
export function createFairQueue<T>(): FairQueue<T> {
  // A map keeps its order, so its first job is the one whose turn it is.
  const lines = new Map<string, Set<T>>();
  let size = 0;

  function first(): { readonly job: string; readonly line: Set<T>; readonly item: T } | undefined {
    for (const [job, line] of lines) for (const item of line) return { job, line, item };
    return undefined;
  }

  return {
    size: () => size,
    add(job, item) {
      const line = lines.get(job) ?? new Set();
      lines.set(job, line.add(item));
      size += 1;
    },
    ahead(job) {
      const own = lines.get(job)?.size ?? 0;
      let count = own;
      for (const [other, line] of lines) if (other !== job) count += Math.min(line.size, own + 1);
      return count;
    },
    next: () => first()?.item,
    shift() {
      const found = first();
      if (found === undefined) return undefined;
      const { job, line, item } = found;
      lines.delete(job);
      line.delete(item);
      size -= 1;
      if (line.size > 0) lines.set(job, line);
      return item;
    },
    all: () => [...lines.values()].flatMap((line) => [...line]),
    remove(job, item) {
      const line = lines.get(job);
      if (line?.delete(item) !== true) return;
      size -= 1;
      if (line.size === 0) lines.delete(job);
    },
  };
}
