import type { FailureCode } from './failure.ts';
import type { Usage } from './usage.ts';

/**
 * What happens in a job, in the order it happens. Facts only: never prompts, tool input, file text or keys.
 * `agent` names who it is about; `key` is the stable step key, which tells apart two runs of one agent.
 */
export type JobEvent =
  | {
      readonly type: 'job-started';
      readonly team: string;
      readonly digest: string;
      readonly agents: readonly string[];
    }
  | {
      readonly type: 'file-cut';
      readonly path: string;
      readonly keptTokens: number;
      readonly keptCharacters: number;
      readonly characters: number;
    }
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'agent-started'; readonly agent: string; readonly key: string }
  | {
      readonly type: 'model-called';
      readonly agent: string;
      readonly key: string;
      readonly model: string;
      readonly usage: Usage;
      /** Integer micro-USD, or `unknown` where no price is known. */
      readonly costMicroUsd: number | 'unknown';
      readonly replayed: boolean;
      /** Tokens of the request, counted here: what filled the context window. */
      readonly contextTokens: number;
    }
  | {
      readonly type: 'tool-called';
      readonly agent: string;
      readonly key: string;
      readonly tool: string;
      readonly failed: FailureCode | null;
      readonly replayed: boolean;
    }
  | {
      readonly type: 'file-written';
      readonly agent: string;
      readonly path: string;
      readonly bytesSize: number;
      readonly version: number;
    }
  | {
      readonly type: 'agent-ended';
      readonly agent: string;
      readonly key: string;
      readonly outcome: 'done' | 'failed';
      readonly code: FailureCode | null;
      readonly said: string;
    }
  | { readonly type: 'agent-skipped'; readonly agent: string; readonly reason: string }
  | {
      readonly type: 'job-ended';
      readonly outcome: 'done' | 'failed' | 'cancelled';
      readonly code: FailureCode | null;
    };

/** An event with its place in the job's stream. `seq` counts from 1 without gaps. */
export type NumberedEvent = JobEvent & { readonly seq: number; readonly atMs: number };

/** A job's events: told once, heard by everyone, also by those who come late. */
export interface EventLog {
  emit(event: JobEvent): void;
  /** No more events will come: everyone who listens finishes. */
  close(): void;
  /** All events so far, oldest first. */
  all(): readonly NumberedEvent[];
  /** Every event from the first on, then live until the log is closed. Any number may listen. */
  follow(): AsyncIterable<NumberedEvent>;
}
