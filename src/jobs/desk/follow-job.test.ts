import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claimAll, workAll } from '../../../test/setup/hand-worker.ts';
import { acceptedJob, ann, given, type JobHouse, openJobHouse } from '../../../test/setup/job-house.ts';
import { pairModel, pairTeam } from '../../../test/setup/job-team.ts';
import type { Lease, StoredEvent, UnnumberedEvent } from '../../core/index.ts';
import type { LiveEvent } from '../desk.ts';
import { jobChannel, publishNews } from '../live.ts';

let house: JobHouse;
beforeEach(async () => {
  house = await openJobHouse({ teams: [pairTeam()], model: pairModel() });
});
afterEach(() => house.close());

const request = { team: 'pair', text: 'Write it.' };
const warning = (message: string): UnnumberedEvent => ({ type: 'warning', message });
const usage = { agents: {}, total: {} } as never;

/** A job at work, and how its worker tells of it. */
async function running() {
  const { id } = await acceptedJob(house.desk, request);
  const [claim] = await claimAll(house);
  const lease: Lease = { job: id, epoch: claim?.epoch ?? 0 };
  const { runs } = house.store;
  const keep = async (...messages: string[]): Promise<readonly StoredEvent[]> =>
    (await runs.emit(lease, messages.map(warning))) ?? [];
  const tell = (events: readonly StoredEvent[]): void =>
    publishNews(house.hot, id, { type: 'events', events });
  const end = async (): Promise<void> => {
    const output = { result: {}, usage, cuts: [], elapsedMs: 0 };
    const ended = { type: 'ended', state: 'succeeded', failure: null, output, costMicroUsd: 0 } as const;
    await runs.settle(lease, ended);
  };
  return { id, keep, tell, end };
}

async function follow(id: string, after = 0, signal = new AbortController().signal) {
  const events = given(await house.desk.follow(ann, id, { after, signal }));
  return events[Symbol.asyncIterator]();
}

async function rest(events: AsyncIterator<LiveEvent>): Promise<LiveEvent[]> {
  const all: LiveEvent[] = [];
  for (let next = await events.next(); next.done !== true; next = await events.next()) all.push(next.value);
  return all;
}

/** Lets what is under way get to where it waits for the clock, then moves that on. */
async function quiet(ms: number): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
  house.clock.advance(ms);
}

const seqs = (events: readonly LiveEvent[]): readonly (number | undefined)[] => events.map(({ seq }) => seq);

function upTo(last: number, first = 1): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

describe('following a job', () => {
  it('that has ended gives everything after a place, and ends', async () => {
    const { id } = await acceptedJob(house.desk, request);
    await workAll(house);
    const stored = await house.store.runs.events(id, 0, 1_000);
    expect(await rest(await follow(id))).toEqual(stored);
    expect(await rest(await follow(id, 3))).toEqual(stored.slice(3));
    expect(await rest(await follow(id, stored.length))).toEqual([]);
    expect(await rest(await follow(id, stored.length + 100))).toEqual([]);
  });

  it('gives what was kept and then live news, in order, without gaps or doubles', async () => {
    const { id, keep, tell, end } = await running();
    await keep('one');
    const events = await follow(id);
    const first = [await events.next(), await events.next(), await events.next()];
    expect(first.map(({ value }) => value.seq)).toEqual([1, 2, 3]);
    const waiting = events.next();
    await quiet(0);
    const four = await keep('two');
    tell(four);
    tell(four);
    expect((await waiting).value).toMatchObject({ message: 'two', seq: 4 });
    await end();
    tell(await house.store.runs.events(id, 4, 10));
    expect(seqs(await rest(events))).toEqual([5]);
  });

  it('reads the truth where news left a gap', async () => {
    const { id, keep, tell, end } = await running();
    const events = await follow(id, 2);
    const waiting = events.next();
    await quiet(0);
    await keep('lost', 'lost too');
    tell(await keep('heard'));
    expect((await waiting).value).toMatchObject({ seq: 3, message: 'lost' });
    await end();
    tell((await house.store.runs.events(id, 0, 10)).slice(-1));
    expect(seqs(await rest(events))).toEqual([4, 5, 6]);
  });

  it('looks at the truth after a second in which nothing was heard', async () => {
    const { id, keep, end } = await running();
    const events = await follow(id, 2);
    const waiting = events.next();
    await keep('told to nobody');
    await end();
    await quiet(1_000);
    await quiet(1_000);
    expect((await waiting).value).toMatchObject({ seq: 3 });
    expect(seqs(await rest(events))).toEqual([4]);
  });

  it('lets words of models through as they come, once it has caught up', async () => {
    const { id } = await running();
    const { hot } = house;
    const delta = { type: 'text', agent: 'writer', key: 'k', text: 'Hel' } as const;
    const events = await follow(id, 2);
    const waiting = events.next();
    await quiet(0);
    publishNews(hot, id, { type: 'deltas', deltas: [delta, { ...delta, text: 'lo' }] });
    expect((await waiting).value).toEqual(delta);
    expect((await events.next()).value).toMatchObject({ text: 'lo' });
    await events.return?.();
  });

  it('ends with its signal, and listens no more', async () => {
    const { id } = await running();
    const stopping = new AbortController();
    const events = await follow(id, 2, stopping.signal);
    const waiting = rest(events);
    await quiet(0);
    expect(await house.hot.listened([jobChannel(id)])).toEqual(new Set([jobChannel(id)]));
    stopping.abort();
    expect(await waiting).toEqual([]);
    expect(await house.hot.listened([jobChannel(id)])).toEqual(new Set());
  });

  it('gives a slow reader everything all the same, without keeping it in memory', async () => {
    const { id, keep, tell, end } = await running();
    const events = await follow(id, 2);
    const first = events.next();
    await quiet(0);
    tell(await keep('first'));
    await first;
    for (let round = 0; round < 30; round += 1) {
      tell(await keep(...Array.from({ length: 50 }, (_, at) => `${round}.${at} ${'x'.repeat(1_000)}`)));
    }
    await end();
    expect(seqs(await rest(events))).toEqual(upTo(1_504, 4));
  });

  it('goes on with a job that was retried, from its first event to the last', async () => {
    const { id } = await acceptedJob(house.desk, request);
    await house.desk.cancel(ann, id);
    await house.desk.retry(ann, id);
    await workAll(house);
    const stored = await house.store.runs.events(id, 0, 1_000);
    expect(await rest(await follow(id))).toEqual(stored);
    expect(stored.at(-1)).toMatchObject({ type: 'job-moved', state: 'succeeded' });
  });

  it('hears at once of what is done at the desk', async () => {
    const { id } = await acceptedJob(house.desk, request);
    const waiting = follow(id, 1).then(rest);
    await quiet(0);
    await house.desk.cancel(ann, id);
    expect(await waiting).toMatchObject([{ type: 'job-moved', state: 'cancelled' }]);
  });
});
