import type { FailureCode, Place } from './failure.ts';
import type { Timing } from './model.ts';
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
      /** What may have been used beyond `usage` without the provider ever saying so, and at what cost. */
      readonly estimate?: { readonly usage: Usage; readonly costMicroUsd: number | 'unknown' };
      readonly timing?: Timing;
      /** What filled the window, block by block; only of the call that answered. */
      readonly context?: readonly ContextBlock[];
    }
  | {
      /** A call failed and is tried again after a wait. */
      readonly type: 'model-retried';
      readonly agent: string;
      readonly key: string;
      readonly model: string;
      readonly code: FailureCode;
      readonly waitMs: number;
    }
  | {
      /** A call failed and was handed to the next model of its chain. */
      readonly type: 'model-fell-back';
      readonly agent: string;
      readonly key: string;
      readonly from: string;
      readonly to: string;
      readonly code: FailureCode;
    }
  | {
      /** A request did not extend the one before it, so a cached prefix was lost. */
      readonly type: 'prefix-break';
      readonly agent: string;
      readonly key: string;
      readonly model: string;
      /** `tools`, a system block's id, or `message 3`. */
      readonly at: string;
      /** Where in that block, in UTF-8 bytes. */
      readonly byte: number;
      /** What stood there and what stands there now: an excerpt, `[redacted]` if it looks like a secret. */
      readonly before: string;
      readonly after: string;
      /** Tokens that were processed anew although they had been cached. */
      readonly lostTokens: number;
      readonly lostMicroUsd: number | 'unknown';
    }
  | {
      /** A static part holds a value that changes between jobs: everything after it is cached anew each time. */
      readonly type: 'prefix-volatile';
      readonly agent: string;
      /** The system block's id. */
      readonly at: string;
      readonly place?: Place;
      readonly kind: string;
      readonly value: string;
      readonly lostTokens: number;
      readonly lostMicroUsd: number | 'unknown';
    }
  | {
      /** A static part is too short for the model's prompt cache. */
      readonly type: 'prefix-short';
      readonly agent: string;
      readonly model: string;
      readonly tokens: number;
      readonly tokensMin: number;
    }
  | {
      /** A conversation grew too long and was made shorter: results moved to files, or old turns were summed up. */
      readonly type: 'compacted';
      readonly agent: string;
      readonly key: string;
      readonly beforeTokens: number;
      readonly afterTokens: number;
      /** How often a summary was refused because it had lost something. */
      readonly refusals: number;
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

/** One block of a request: where its tokens went. */
export interface ContextBlock {
  /** `tools`, a system block's id, `task`, `history` or `newest`. */
  readonly id: string;
  readonly tokens: number;
  /** Where most of it came from: the prompt cache, written to it, or neither; `unknown` where nobody says. */
  readonly cache: 'read' | 'written' | 'none' | 'unknown';
}

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
