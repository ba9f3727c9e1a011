import type { Clock, Hot } from '../../core/index.ts';
import { jobChannel, type LiveMessage } from '../live.ts';

/** News of one job that its reader has not taken yet. */
export interface Inbox {
  /** The oldest message; null when there is none. */
  take(): LiveMessage | null;
  /** True when it was too much for its reader and messages were dropped: the truth has what counts of them. */
  isOverfull(): boolean;
  /** Forgets everything that has come so far. */
  clear(): void;
  /** Forgets words of models: whoever comes from reading the truth is past them. */
  dropDeltas(): void;
  /** Waits for news. False when none came within `ms`, or the signal fired. */
  wait(ms: number): Promise<boolean>;
  close(): void;
}

/** Who listens, and to what. */
export interface InboxParts {
  readonly hot: Hot;
  readonly clock: Clock;
  readonly job: string;
  readonly signal: AbortSignal;
}

/** What waits for one slow reader at most, in characters: some thousand events. */
const charactersMax = 1_000_000;

/** Listens to the news of a job until it is closed. */
export function openInbox({ hot, clock, job, signal }: InboxParts): Inbox {
  let waiting: { readonly message: LiveMessage; readonly characters: number }[] = [];
  let characters = 0;
  let overfull = false;
  let wake = new AbortController();
  const stop = (): void => wake.abort();
  const clear = (): void => {
    waiting = [];
    characters = 0;
    overfull = false;
  };
  const unsubscribe = hot.subscribe(jobChannel(job), (text) => {
    if (overfull) return;
    waiting.push({ message: JSON.parse(text) as LiveMessage, characters: text.length });
    characters += text.length;
    if (characters > charactersMax) {
      clear();
      overfull = true;
    }
    wake.abort();
  });
  signal.addEventListener('abort', stop, { once: true });
  return {
    take() {
      const oldest = waiting.shift();
      characters -= oldest?.characters ?? 0;
      return oldest?.message ?? null;
    },
    isOverfull: () => overfull,
    clear,
    dropDeltas() {
      waiting = waiting.filter(({ message }) => message.type === 'events');
      characters = waiting.reduce((sum, each) => sum + each.characters, 0);
    },
    async wait(ms) {
      wake = new AbortController();
      if (waiting.length === 0 && !signal.aborted) await clock.sleep(ms, wake.signal);
      return waiting.length > 0;
    },
    close() {
      unsubscribe();
      signal.removeEventListener('abort', stop);
    },
  };
}
