import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { heapFlags } from '../../src/heap.ts';

/** What a process of the bench can be asked to do. Arguments and answers are JSON. */
export type Calls<Of> = Readonly<Record<keyof Of, (...words: never[]) => Promise<unknown>>>;

/** A process of the bench while it runs. */
export interface Peer<Of extends Calls<Of>> {
  readonly processId: number;
  /** Asks it to do something; rejects when it could not. */
  ask<Name extends keyof Of & string>(
    name: Name,
    ...words: Parameters<Of[Name]>
  ): Promise<Awaited<ReturnType<Of[Name]>>>;
  /** Ends it at once. */
  close(): Promise<void>;
}

interface Asked {
  readonly id: number;
  readonly name: string;
  readonly words: readonly unknown[];
}

interface Answered {
  readonly id: number;
  readonly value?: unknown;
  readonly problem?: string;
}

/** Starts a module of this folder in a process of its own. */
export function startPeer<Of extends Calls<Of>>(module: string, words: readonly string[] = []): Peer<Of> {
  // As `inspan serve` and `inspan worker` start.
  const execArgv = ['--expose-gc', ...heapFlags];
  const child = fork(join(import.meta.dirname, module), words, { execArgv });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let ids = 0;
  child.on('message', (message) => {
    const { id, value, problem } = message as Answered;
    if (problem === undefined) waiting.get(id)?.resolve(value);
    else waiting.get(id)?.reject(new Error(problem));
    waiting.delete(id);
  });
  const ended = endOf(child, (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`${module} ended with ${code}`));
  });
  return {
    processId: child.pid ?? 0,
    ask(name, ...asked) {
      const answer = Promise.withResolvers<unknown>();
      ids += 1;
      waiting.set(ids, answer);
      child.send({ id: ids, name, words: asked } satisfies Asked);
      return answer.promise as Promise<never>;
    },
    async close() {
      child.disconnect();
      await ended;
    },
  };
}

function endOf(child: ChildProcess, onEnd: (code: number | null) => void): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', (code) => {
      onEnd(code);
      resolve();
    });
  });
}

/** Does what the parent of this process asks, until it has enough. */
export function answerCalls<Of extends Calls<Of>>(calls: Of): void {
  process.on('disconnect', () => process.exit());
  process.on('message', (message) => {
    const { id, name, words } = message as Asked;
    const answer = (more: Omit<Answered, 'id'>): void => void process.send?.({ id, ...more });
    calls[name as keyof Of](...(words as never[])).then(
      (value) => answer({ value }),
      (error: unknown) => answer({ problem: error instanceof Error ? String(error.stack) : String(error) }),
    );
  });
}
