import type { Clock } from '../core/index.ts';
import type { Inspan, InspanOptions } from '../inspan.ts';

/** All that a command may use of the process: passed in, so that tests run commands in their own. */
export interface Io {
  /** What relative paths are relative to. */
  readonly directory: string;
  /** Where the package's templates and schema lie. */
  readonly packageDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Null where standard output is no terminal. */
  readonly screen: Screen | null;
  /** Writes to standard output. */
  print(text: string): void;
  /** Writes to standard error. */
  complain(text: string): void;
  /** All of standard input. */
  readInput(): Promise<Uint8Array>;
  /** From here on the first Ctrl-C cancels instead of ending the process. Called at most once. */
  listenForInterrupt(): Interrupt;
  newId(): string;
  createInspan(options: InspanOptions): Inspan;
}

/** Somebody's wish to stop. */
export interface Interrupt {
  readonly signal: AbortSignal;
  /** What the process answers once it has stopped: 128 plus the number of the signal. */
  exitCode(): number;
  /** Ctrl-C ends the process again. */
  release(): void;
}

/** A terminal that a few lines can be drawn on, again and again. */
export interface Screen {
  readonly hasColor: boolean;
  columns(): number;
  open(): Promise<Drawing>;
}

/** The lines that are on a screen now. */
export interface Drawing {
  /** Puts these lines in the place of those drawn before. */
  draw(lines: readonly string[]): void;
  /** Leaves the last lines where they are. */
  close(): void;
}

/** What the process answers. */
export const exitCodes = Object.freeze({ done: 0, failed: 1, wrongInput: 2, interrupted: 130, ended: 143 });
