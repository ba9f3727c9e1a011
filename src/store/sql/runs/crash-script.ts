import assert from 'node:assert/strict';
import type { Lease, RunStore } from '../../../core/index.ts';
import {
  done,
  ended,
  enrol,
  found,
  keysOf,
  leaseMs,
  newJob,
  noCeilings,
  outputOf,
  parked,
  signalOf,
  statesTold,
  tenant,
  waitFor,
} from '../../run-store-contract-jobs.ts';
import type { SqlDatabase } from '../database.ts';
import type { OpenedRuns, Rewrite } from './under-test.ts';

/** When a crash comes: the write was kept, though nobody was told, or it was not. */
export type CrashTime = 'before commit' | 'after commit';

/** Writes of the whole life of the scripted job, and then some: the loop ends where nothing crashes any more. */
const writesMax = 60;
const large = 'a text that stands in a blob of its own '.repeat(300);
/** Too long to be kept in one commit with what names it. */
const huge = large.repeat(6);

/**
 * Lets the process die at every write of a job's life, in one life each.
 * Whoever comes after it goes on; always, the job ends once and has every record once. Gives the number of crashes.
 */
export async function crashAtEveryWrite(
  time: CrashTime,
  open: (rewrite: Rewrite) => Promise<OpenedRuns>,
): Promise<number> {
  for (let crashAt = 1; crashAt <= writesMax; crashAt++) {
    let hasCrashed = false;
    const first = await open((write) =>
      dieAt({ write, crashAt, time }, () => {
        hasCrashed = true;
      }),
    );
    const kept: string[] = [];
    let last = first;
    try {
      await live(first.runs, kept);
    } catch (error) {
      if (!hasCrashed) throw error;
      last = await first.reopen();
      last.pass(leaseMs);
      await live(last.runs, kept);
    }
    const isOver = !hasCrashed;
    const after = await last.reopen();
    await checkLife(after.runs, kept);
    await after.close();
    if (isOver) return crashAt - 1;
  }
  throw new Error(`The script wrote more than ${writesMax} times.`);
}

interface Dying {
  readonly write: SqlDatabase['write'];
  readonly crashAt: number;
  readonly time: CrashTime;
}

/** Once the process has died it writes nothing more. */
function dieAt({ write, crashAt, time }: Dying, crashed: () => void): SqlDatabase['write'] {
  let writes = 0;
  const died = new Error('The process died');
  return async (work) => {
    writes += 1;
    if (writes > crashAt) throw died;
    if (writes < crashAt) return await write(work);
    crashed();
    if (time === 'after commit') await write(work);
    throw died;
  };
}

/** Everything that befalls a job: a client that asks again, a worker that goes on from the record, an answer. */
async function live(runs: RunStore, kept: string[]): Promise<void> {
  await runs.accept(newJob('a', { idempotency: { key: 'k', bodyHash: 'b' } }));
  await runs.reclaim();
  await enrol(runs, 'w');
  for (let round = 0; round < 5; round++) {
    const { state } = await found(runs, 'a');
    if (state === 'parked') await runs.signal(tenant, 'a', signalOf('go', { id: 'once', value: large }));
    if (state === 'succeeded') return;
    const [claim] = await runs.claim('w', { max: 1, ceilings: noCeilings });
    if (claim !== undefined) await work(runs, claim, kept);
  }
  throw new Error('The job has not ended after five rounds.');
}

async function work(runs: RunStore, lease: Lease, kept: string[]): Promise<void> {
  const known = new Set(await keysOf(runs, 'a'));
  const keep = async (key: string, value: string): Promise<void> => {
    if (known.has(key)) return;
    const changes = [{ path: `${key}.md`, version: 1, text: `${key}: ${value}` }];
    assert.equal(await runs.append(lease, done(key, { value, changes })), 'kept');
    kept.push(key);
  };
  await keep('one', 'small');
  await Promise.all([keep('two', huge), runs.emit(lease, [{ type: 'warning', message: 'two' }])]);
  const answer = await runs.takeSignal('a', waitFor('go'));
  if (answer === null) {
    await runs.settle(lease, parked([waitFor('go')]));
    return;
  }
  assert.equal(answer.value, large);
  await keep('answer', large);
  await runs.emit(lease, [{ type: 'warning', message: 'answered' }]);
  await runs.settle(lease, ended('succeeded', { text: large }));
}

async function checkLife(runs: RunStore, kept: readonly string[]): Promise<void> {
  const told = await statesTold(runs, 'a');
  assert.deepEqual(
    told.filter((state) => state === 'succeeded'),
    ['succeeded'],
  );
  assert.equal(told.at(-1), 'succeeded');
  assert.equal(new Set(told).has('parked'), true);
  const keys = await keysOf(runs, 'a');
  assert.deepEqual(keys, ['one', 'two', 'answer']);
  assert(kept.every((key) => keys.includes(key)));
  const values = (await runs.records('a')).map(({ record }) => record.type === 'done' && record.value);
  assert.deepEqual(values, ['small', huge, large]);
  assert.deepEqual(
    (await runs.files('a')).map(({ path }) => path),
    ['answer.md', 'one.md', 'two.md'],
  );
  assert.deepEqual(await runs.output('a'), outputOf({ text: large }));
  await enrol(runs, 'w');
  assert.deepEqual(await runs.claim('w', { max: 1, ceilings: noCeilings }), []);
}
