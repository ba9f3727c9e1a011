import { sql } from 'kysely';
import type { Retention, Vacuumed } from '../../../core/index.ts';
import type { SqlTransaction } from '../database.ts';
import type { RunParts } from './parts.ts';

/** Blobs looked at in one transaction: some milliseconds of work, so that others write in between. */
const lookedAtMax = 500;
/** Blobs removed in one transaction, and their bytes: as much work again. */
const removedMax = 200;
const bytesMax = 8 * 2 ** 20;

/** What went, or would go. */
type Gone = Pick<Vacuumed, 'blobs' | 'bytesSize'>;

/** A place in the walk: behind this blob. */
interface Place {
  readonly at: number;
  readonly hash: string;
}

/** What one step of the walk is about. */
interface Step {
  readonly untilMs: number;
  readonly behind: Place;
  /** Jobs that would be gone by then. */
  readonly without: readonly string[];
  readonly dryRun: boolean;
}

/**
 * Walks through the blobs that are old enough and removes those that nobody names.
 * A dry run only counts them, as if some jobs were gone. It goes from the oldest on, and looks at none twice.
 */
export async function walkBlobs(
  { database }: RunParts,
  { nowMs, blobGraceMs, dryRun }: Retention,
  without: readonly string[] = [],
): Promise<Gone> {
  const gone = { blobs: 0, bytesSize: 0 };
  let behind: Place | null = { at: -1, hash: '' };
  while (behind !== null) {
    const step: Step = { untilMs: nowMs - blobGraceMs, behind, without, dryRun };
    const walked: Walked = await database.write((transaction) => walkOn(transaction, step));
    gone.blobs += walked.sizes.length;
    gone.bytesSize += walked.sizes.reduce((sum, size) => sum + size, 0);
    behind = walked.next;
  }
  return gone;
}

interface Walked {
  /** Of the blobs that went, or would go. */
  readonly sizes: readonly number[];
  /** Null at the end. */
  readonly next: Place | null;
}

async function walkOn(transaction: SqlTransaction, step: Step): Promise<Walked> {
  const { untilMs, behind, dryRun } = step;
  const { rows: places } = await sql<Place>`
    select at, hash from blobs where at <= ${untilMs} and (at, hash) > (${behind.at}, ${behind.hash})
    order by at, hash limit ${lookedAtMax}`.execute(transaction);
  if (places.length === 0) return { sizes: [], next: null };
  const unused = await unusedOf(transaction, places, step);
  const taken = dryRun ? unused : unused.slice(0, countTogether(unused));
  const last = (taken.length < unused.length ? taken : places).at(-1) ?? null;
  const gone = dryRun ? taken : await remove(transaction, taken, untilMs);
  return { sizes: gone.map(({ size }) => size), next: last };
}

interface Unused extends Place {
  readonly size: number;
}

/** Those that nobody names, in the order of the walk. Their sizes are told without reading them. */
async function unusedOf(
  transaction: SqlTransaction,
  places: readonly Place[],
  { without }: Step,
): Promise<readonly Unused[]> {
  const rows = await transaction
    .selectFrom('blobs')
    .select(['hash', sql<number>`octet_length(bytes)`.as('size')])
    .where(
      'hash',
      'in',
      places.map(({ hash }) => hash),
    )
    .where((on) => {
      const uses = on.selectFrom('blob_uses').select('job').whereRef('blob_uses.hash', '=', 'blobs.hash');
      return on.not(on.exists(without.length === 0 ? uses : uses.where('job', 'not in', [...without])));
    })
    .execute();
  const sizes = new Map(rows.map(({ hash, size }) => [hash, Number(size)]));
  return places.flatMap((place) => {
    const size = sizes.get(place.hash);
    return size === undefined ? [] : [{ ...place, size }];
  });
}

function countTogether(unused: readonly Unused[]): number {
  let bytesSize = 0;
  const end = unused.findIndex(({ size }, index) => {
    bytesSize += size;
    return index === removedMax || (index > 0 && bytesSize > bytesMax);
  });
  return end === -1 ? unused.length : end;
}

/** Asks for age and use in the statement that removes: a blob that was kept again meanwhile is young, and stays. */
async function remove(
  transaction: SqlTransaction,
  blobs: readonly Unused[],
  untilMs: number,
): Promise<readonly Unused[]> {
  if (blobs.length === 0) return [];
  const rows = await transaction
    .deleteFrom('blobs')
    .where(
      'hash',
      'in',
      blobs.map(({ hash }) => hash),
    )
    .where('at', '<=', untilMs)
    .where((on) =>
      on.not(
        on.exists(on.selectFrom('blob_uses').select('job').whereRef('blob_uses.hash', '=', 'blobs.hash')),
      ),
    )
    .returning('hash')
    .execute();
  const removed = new Set(rows.map(({ hash }) => hash));
  return blobs.filter(({ hash }) => removed.has(hash));
}
