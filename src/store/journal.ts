import {
  climbs,
  type FailureCode,
  type FileChange,
  fail,
  type Journal,
  type JournalStore,
  type Json,
  type Result,
  type StepOutcome,
  type Stepped,
  type StepRecord,
  type StepSpec,
} from '../core/index.ts';

/** What is known of a journal before it is opened. */
export interface JournalOptions {
  /** All that the store holds, where it was read already. */
  readonly recorded?: readonly StepRecord[];
  /** Keys whose records count whatever their input was: what a fork took over from the job it was made from. */
  readonly inherited?: ReadonlySet<string>;
}

/** Opens the journal that a store keeps, with everything recorded in it so far. */
export async function openJournal(
  store: JournalStore,
  { recorded, inherited = new Set() }: JournalOptions = {},
): Promise<Journal> {
  const newest = new Map<string, StepRecord>();
  for (const record of recorded ?? (await store.records())) newest.set(record.key, record);
  return journalUnder({ store, recorded: newest, inherited, keeping: Promise.resolve() }, '');
}

interface OpenStore {
  readonly store: JournalStore;
  readonly inherited: ReadonlySet<string>;
  /** The newest record of each key. */
  readonly recorded: Map<string, StepRecord>;
  /** All that was handed to the store so far; rejects for good once it could not keep something. */
  keeping: Promise<void>;
}

function journalUnder(open: OpenStore, prefix: string): Journal {
  return {
    settled: () => open.keeping,
    under: (name) => journalUnder(open, `${prefix}${name}/`),
    step<T extends Json>(key: string, spec: StepSpec, effect: () => Promise<StepOutcome<T>>) {
      const whole = prefix + key;
      const before = open.recorded.get(whole);
      const known = before === undefined ? null : recall<T>(open, before, spec);
      return known === null ? record(open, { key: whole, spec, effect }) : Promise.resolve(known);
    },
  };
}

/** Gives what the record says, or null when the step has to run (again). */
function recall<T extends Json>(open: OpenStore, record: StepRecord, spec: StepSpec): Stepped<T> | null {
  const isSame = record.inputHash === spec.inputHash || open.inherited.has(record.key);
  if (!isSame || record.kind !== spec.kind) {
    const result = fail(
      'journal-mismatch',
      `Step ${record.key} was recorded with another input. Replay a journal with the team and brief that made it.`,
    );
    return { ...fromRecord, result };
  }
  if (record.type === 'unfinished') return null;
  if (record.type === 'started') {
    const mayRun = spec.replay === 'safe' || isWaiting(open, record.key);
    return mayRun ? null : { ...fromRecord, result: unknownOutcome };
  }
  const result: Result<T> =
    record.type === 'done' ? { ok: true, value: record.value as T } : { ok: false, failure: record.failure };
  return { ...fromRecord, result, changes: record.changes ?? [], spent: record.spent ?? [] };
}

/** A call that was interrupted while it waited had done nothing since it was asked to wait. */
function isWaiting({ recorded }: OpenStore, key: string): boolean {
  for (const record of recorded.values()) {
    if (record.kind === 'wait' && record.type === 'started' && record.key.startsWith(`${key}/`)) return true;
  }
  return false;
}

const fromRecord = Object.freeze({ changes: [], spent: [], replayed: true });

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
  const { kind, inputHash, atRisk } = spec;
  // A paid call, a wait and a call that must not be repeated leave a trace before they begin.
  if (kind === 'model' || kind === 'wait' || spec.replay === 'never') {
    await handIn(open, {
      type: 'started',
      key,
      kind,
      inputHash,
      ...(atRisk === undefined ? {} : { atRisk }),
    });
  }
  // What a tool does outside is done for good: a crash must not hide why.
  else if (spec.isOutside === true) await open.keeping;
  const { result, changes = [], spent = [] } = await effect();
  const kept = { key, kind, inputHash, ...(spent.length === 0 ? {} : { spent }) };
  if (!result.ok && climbs(result.failure.code)) {
    if (spent.length > 0 || isHarmless(result.failure.code, spec))
      await handIn(open, { type: 'unfinished', ...kept });
    return { result, changes: [], spent, replayed: false };
  }
  const changed = changes.length === 0 ? {} : { changes };
  const keeping = result.ok
    ? handIn(open, { type: 'done', ...kept, value: result.value, ...changed })
    : handIn(open, { type: 'failed', ...kept, failure: result.failure, ...changed });
  // Whoever comes next hears of what could not be kept, and at the end whoever holds the store.
  if (mayBeLate(spec, changes)) keeping.catch(() => {});
  else await keeping;
  return { result, changes, spent, replayed: false };
}

/** Resolves once this record, and all before it, are kept. */
function handIn(open: OpenStore, one: StepRecord): Promise<void> {
  open.keeping = keep(open, one);
  return open.keeping;
}

async function keep({ store, recorded, keeping: before }: OpenStore, one: StepRecord): Promise<void> {
  await store.append(one);
  await before;
  recorded.set(one.key, one);
}

/**
 * Says whether a result may be used before it is kept: a step that has changed nothing and may be repeated. It is on its
 * way, so waiting for it would make nothing safer, and nothing follows from it that is kept without it. A reply, the
 * reads it asks for and the next question go together: one wait for all of them. Whoever is asked to wait is told when
 * it is kept.
 */
function mayBeLate({ kind, replay }: StepSpec, changes: readonly FileChange[]): boolean {
  return kind !== 'wait' && replay === 'safe' && changes.length === 0;
}

/**
 * A model call that ended has said what it cost, be it nothing: only one whose end nobody saw is still at risk.
 * A tool that says itself why it did nothing may be called again; one that was cut off may have had its effect.
 */
function isHarmless(code: FailureCode, { kind, replay }: StepSpec): boolean {
  return kind === 'model' || (replay === 'never' && !cutOff.includes(code));
}

const cutOff: readonly FailureCode[] = Object.freeze([
  'cancelled',
  'timeout',
  'lease-lost',
  'deadline-passed',
] as const);
