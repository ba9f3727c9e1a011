import type { Clock } from './core/index.ts';

export {
  callTool,
  callTools,
  failWith,
  type ModelPromise,
  type ModelSituation,
  modelContract,
  neverAnswer,
  type OpenModelIn,
  type ProviderPromise,
  type ProviderSkill,
  type ProviderUnderTest,
  providerContract,
  type ReplyDetails,
  type Script,
  type ScriptEntry,
  type ScriptedCall,
  type ScriptedModel,
  type ScriptedOptions,
  say,
  scriptedModel,
  scriptedTeam,
} from './models/testing.ts';
export { type RunningSimulator, type StartSimulatorOptions, startSimulator } from './simulator.ts';
export { createMemoryJournalStore } from './store/index.ts';
export { type JournalPromise, journalContract, type ReopenableStore } from './store/testing.ts';
export { createMemoryWorkspace } from './workspace/index.ts';
export { type WorkspacePromise, workspaceContract } from './workspace/testing.ts';

/** A clock that stands still until a test moves it. */
export interface ManualClock extends Clock {
  /** Lets time pass: everyone whose time has come wakes up. */
  advance(ms: number): void;
}

/** Makes a clock for tests. `startMs`: what it shows at first. */
export function manualClock(startMs = 0): ManualClock {
  let nowMs = startMs;
  const sleepers = new Set<{ readonly untilMs: number; readonly wake: () => void }>();
  return {
    now: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const sleeper = { untilMs: nowMs + ms, wake };
        function wake(): void {
          sleepers.delete(sleeper);
          resolve();
        }
        if (signal.aborted) return resolve();
        signal.addEventListener('abort', wake, { once: true });
        sleepers.add(sleeper);
      }),
    advance(ms) {
      nowMs += ms;
      for (const sleeper of sleepers) if (sleeper.untilMs <= nowMs) sleeper.wake();
    },
  };
}
