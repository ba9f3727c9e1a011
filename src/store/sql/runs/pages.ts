import { CompiledQuery, sql } from 'kysely';
import type { SqlDatabase } from '../database.ts';
import { jsonRows } from './json-rows.ts';
import { readTogether } from './read-together.ts';

/** Which rows of a job are wanted. */
export interface PageAsk {
  readonly job: string;
  /** The place of the last row before them. */
  readonly after: number;
  readonly limit: number;
}

/** What a page is read from. */
export interface Paging<Row> {
  readonly table: 'steps' | 'events';
  /** What is read of a row; its place must be among it. */
  readonly columns: readonly (keyof Row & string)[];
}

interface Placed {
  readonly seq: number;
}

/**
 * Makes the call that reads what grows with a job, oldest first. In Postgres, pages that are asked for together are one
 * statement: each gets its share of the rows, and whoever needs more asks again.
 */
export function createPaging<Row extends Placed>(
  database: SqlDatabase,
  paging: Paging<Row>,
): (ask: PageAsk) => Promise<readonly Row[]> {
  if (database.kind === 'sqlite') return (ask) => readPage(database, paging, ask);
  const readShare = readTogether<PageAsk, Share<Row>>(database, {
    asksMax,
    run: (asks) => readShares(database, paging, asks),
  });
  return async ({ job, after, limit }) => {
    const page: Row[] = [];
    for (;;) {
      const rest = { job, after: page.at(-1)?.seq ?? after, limit: limit - page.length };
      const { rows, isWhole } = await readShare(rest);
      page.push(...rows);
      if (isWhole) return page;
    }
  };
}

async function readPage<Row>(
  { read }: SqlDatabase,
  { table, columns }: Paging<Row>,
  { job, after, limit }: PageAsk,
): Promise<readonly Row[]> {
  const text = `select ${columns.join(', ')} from ${table}
    where job_number = (select number from jobs where id = ?) and seq > ? order by seq limit ?`;
  const { rows } = await read.executeQuery<Row>(CompiledQuery.raw(text, [job, after, limit]));
  return rows;
}

/** Pages in one statement. */
const asksMax = 100;
/** Rows in one statement: some megabytes. */
const rowsMax = 4_000;

/** The first rows of a page. */
interface Share<Row> {
  readonly rows: readonly Row[];
  /** False where there may be more of what was asked for. */
  readonly isWhole: boolean;
}

async function readShares<Row extends Placed>(
  { read }: SqlDatabase,
  { table, columns }: Paging<Row>,
  asks: readonly PageAsk[],
): Promise<readonly Share<Row>[]> {
  // Equal asks share an answer.
  const distinct = new Map(asks.map((ask) => [nameOf(ask), ask]));
  const shareMax = Math.floor(rowsMax / distinct.size);
  const given = jsonRows({ job: 'text', after: 'bigint', limit: 'bigint' }, [...distinct.values()]);
  const { rows } = await sql<Row & { readonly place: number }>`
    select given.place, page.* from ${given} as given
    join jobs on jobs.id = given.job
    cross join lateral (
      select ${sql.join(columns.map(sql.ref))} from ${sql.table(table)}
      where job_number = jobs.number and seq > given.after order by seq limit least(given.limit, ${shareMax}::bigint)
    ) as page
    order by given.place, page.seq`.execute(read);
  const byPlace = Map.groupBy(rows, ({ place }) => place);
  const shares = new Map(
    [...distinct].map(([name, ask], place): [string, Share<Row>] => {
      const share = byPlace.get(place) ?? [];
      return [name, { rows: share, isWhole: ask.limit <= shareMax || share.length < shareMax }];
    }),
  );
  return asks.map((ask) => shares.get(nameOf(ask)) as Share<Row>);
}

function nameOf({ job, after, limit }: PageAsk): string {
  return `${after} ${limit} ${job}`;
}
