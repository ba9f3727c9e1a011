import {
  fail,
  type Journal,
  type JournalStore,
  type Json,
  type Result,
  type StepOutcome,
  type Stepped,
  type StepRecord,
  type StepSpec,
  sideOf,
} from '../core/index.ts';

/** Opens the journal that a store keeps, with everything recorded in it so far. */
export async function openJournal(store: JournalStore): Promise<Journal> {
  const recorded = new Map<string, StepRecord>();
  for (const record of await store.records()) recorded.set(record.key, record);
  return journalUnder({ store, recorded }, '');
}

interface OpenStore {
  readonly store: JournalStore;
  /** The newest record of each key. */
  readonly recorded: Map<string, StepRecord>;
}

function journalUnder(open: OpenStore, prefix: string): Journal {
  return {
    keyOf: (key) => prefix + key,
    under: (name) => journalUnder(open, `${prefix}${name}/`),
    async step<T extends Json>(key: string, spec: StepSpec, effect: () => Promise<StepOutcome<T>>) {
      const whole = prefix + key;
      const before = open.recorded.get(whole);
      if (before !== undefined) {
        const known = recall<T>(before, spec);
        if (known !== null) return known;
      }
      return await record(open, { key: whole, spec, effect });
    },
  };
}

/** Gives what the record says, or null when the step has to run (again). */
function recall<T extends Json>(record: StepRecord, spec: StepSpec): Stepped<T> | null {
  if (record.inputHash !== spec.inputHash || record.kind !== spec.kind) {
    const result = fail(
      'journal-mismatch',
      `Step ${record.key} was recorded with another input. Replay a journal with the team and brief that made it.`,
    );
    return { result, changes: [], replayed: true };
  }
  if (record.type === 'started') {
    return spec.replay === 'safe' ? null : { result: unknownOutcome, changes: [], replayed: true };
  }
  const result: Result<T> =
    record.type === 'done' ? { ok: true, value: record.value as T } : { ok: false, failure: record.failure };
  return { result, changes: record.changes ?? [], replayed: true };
}

const unknownOutcome = fail(
  'outcome-unknown',
  'This call was started before an interruption and its outcome is unknown. It was not made again: check whether it happened before you ask for it once more.',
);

interface StepToRecord<T> {
  readonly key: string;
  readonly spec: StepSpec;
  readonly effect: () => Promise<StepOutcome<T>>;
}

async function record<T extends Json>(
  open: OpenStore,
  { key, spec, effect }: StepToRecord<T>,
): Promise<Stepped<T>> {
  const { kind, inputHash } = spec;
  const keep = async (kept: StepRecord): Promise<void> => {
    await open.store.append(kept);
    open.recorded.set(key, kept);
  };
  // A paid call and a call that must not be repeated leave a trace before they begin.
  if (kind === 'model' || spec.replay === 'never') await keep({ type: 'started', key, kind, inputHash });
  const { result, changes = [] } = await effect();
  const changed = changes.length === 0 ? {} : { changes };
  if (result.ok) await keep({ type: 'done', key, kind, inputHash, value: result.value, ...changed });
  else if (sideOf(result.failure.code) === 'task') {
    await keep({ type: 'failed', key, kind, inputHash, failure: result.failure, ...changed });
  } else return { result, changes: [], replayed: false };
  return { result, changes, replayed: false };
}
