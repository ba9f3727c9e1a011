import type { RunStore, StoredEvent } from '../../core/index.ts';

/** How many events are read at a time. */
const pageSize = 500;

/** Reads a job's events after a place in its stream, page by page. Ends where the stream does for now. */
export async function* eventsAfter(
  runs: RunStore,
  id: string,
  after: number,
): AsyncGenerator<readonly StoredEvent[]> {
  for (let place = after; ; ) {
    const page = await runs.events(id, place, pageSize);
    if (page.length > 0) yield page;
    if (page.length < pageSize) return;
    place = page.at(-1)?.seq ?? place;
  }
}
