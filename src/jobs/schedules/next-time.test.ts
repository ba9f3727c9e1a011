import { describe, expect, it } from 'vitest';
import { nextTime, type Rhythm } from './next-time.ts';

const at = (text: string): number => Date.parse(text);

/** The next times, as ISO text. */
async function times(count: number, { cron, timeZone }: Rhythm, after: string): Promise<string[]> {
  const found: string[] = [];
  for (let place = at(after); found.length < count; ) {
    const next = await nextTime({ cron, timeZone }, place);
    if (!next.ok || next.value === null) throw new Error(`${cron} has no next time`);
    place = next.value;
    found.push(new Date(place).toISOString());
  }
  return found;
}

describe('the next time of a schedule', () => {
  it('is never the time it is asked after, and has seconds where six fields say so', async () => {
    expect(await times(1, { cron: '0 9 * * *', timeZone: 'UTC' }, '2026-11-21T09:00:00Z')).toEqual([
      '2026-11-22T09:00:00.000Z',
    ]);
    expect(await times(2, { cron: '*/30 * * * * *', timeZone: 'UTC' }, '2026-11-21T09:00:00.900Z')).toEqual([
      '2026-11-21T09:00:30.000Z',
      '2026-11-21T09:01:00.000Z',
    ]);
  });

  it('goes by the clock of its place, in summer and winter', async () => {
    expect(
      await times(2, { cron: '0 9 * * 1-5', timeZone: 'Europe/Berlin' }, '2026-03-27T12:00:00Z'),
    ).toEqual(['2026-03-30T07:00:00.000Z', '2026-03-31T07:00:00.000Z']);
    expect(await times(1, { cron: '0 9 * * *', timeZone: 'Europe/Berlin' }, '2026-10-24T12:00:00Z')).toEqual([
      '2026-10-25T08:00:00.000Z',
    ]);
  });

  it('comes right after the hour that spring leaves out, once', async () => {
    expect(await times(2, { cron: '30 2 * * *', timeZone: 'Europe/Berlin' }, '2026-03-28T12:00:00Z')).toEqual(
      ['2026-03-29T01:00:00.000Z', '2026-03-30T00:30:00.000Z'],
    );
  });

  it('comes once in the hour that autumn has twice', async () => {
    expect(await times(2, { cron: '30 2 * * *', timeZone: 'Europe/Berlin' }, '2026-10-24T12:00:00Z')).toEqual(
      ['2026-10-25T00:30:00.000Z', '2026-10-26T01:30:00.000Z'],
    );
  });

  it('comes in both of the two hours of autumn where it comes in steps', async () => {
    expect(
      await times(5, { cron: '*/30 * * * *', timeZone: 'Europe/Berlin' }, '2026-10-24T23:30:00Z'),
    ).toEqual([
      '2026-10-25T00:00:00.000Z',
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T01:00:00.000Z',
      '2026-10-25T01:30:00.000Z',
      '2026-10-25T02:00:00.000Z',
    ]);
  });

  it('is nothing where it never comes', async () => {
    expect(await nextTime({ cron: '0 0 30 2 *', timeZone: 'UTC' }, 0)).toEqual({ ok: true, value: null });
  });

  it.each([
    ['0 9 * *', 'UTC', 'five fields'],
    ['0 0 9 * * * 2030', 'UTC', 'five fields'],
    ['@daily', 'UTC', 'five fields'],
    ['61 * * * *', 'UTC', 'minute: 61'],
    ['every day at nine o’clock', 'UTC', 'illegal characters'],
    ['0 9 * * *', 'Europe/Nowhere', 'IANA'],
    ['0 9 * * *', '+01:00', 'IANA'],
  ])('%s in %s is wrong-input that says why', async (cron, timeZone, why) => {
    const next = await nextTime({ cron, timeZone }, 0);
    expect(next).toMatchObject({ ok: false, failure: { code: 'wrong-input' } });
    expect(next.ok ? '' : next.failure.message).toContain(why);
  });
});
