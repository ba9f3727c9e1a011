import { forgetStatus, jobChannel, publishNews } from '../live.ts';
import type { Office } from './office.ts';

/** Dead workers are looked for this often: a job is gone on with within two seconds of a kill. */
const reclaimMs = 500;
/** Every so many looks, jobs whose time has come are looked for too. */
const looksPerTending = 2;

/** Does for all jobs what time asks for, until the signal fires. Every worker may: the store lets it happen once. */
export async function tendStore(office: Office, over: AbortSignal): Promise<void> {
  const { store, clock } = office.parts;
  for (let looks = 1; !over.aborted; looks += 1) {
    const reclaimed = await office.ask(() => store.runs.reclaim());
    await tellMoved(reclaimed.ok ? reclaimed.value : [], office);
    if (looks % looksPerTending === 0) {
      const moved = await office.ask(() => store.runs.tend());
      const ids = moved.ok ? moved.value.map(({ id }) => id) : [];
      await tellMoved(ids, office);
    }
    await clock.sleep(reclaimMs, over);
  }
}

/**
 * Tells that jobs were moved by somebody else: whoever polls reads the truth; whoever listens now is told what has come
 * last, and reads what is missing.
 */
export async function tellMoved(
  ids: readonly string[],
  { ask, parts: { store, hot } }: Office,
): Promise<void> {
  if (ids.length === 0) return;
  await Promise.all(ids.map((id) => forgetStatus(hot, id)));
  const listened = await hot.listened(ids.map(jobChannel));
  for (const id of ids.filter((each) => listened.has(jobChannel(each)))) {
    const newest = await ask(() => store.runs.newestEvent(id));
    if (newest.ok && newest.value !== null) {
      publishNews(hot, id, { type: 'events', events: [newest.value] });
    }
  }
}
