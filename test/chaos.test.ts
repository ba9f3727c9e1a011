import { describe, expect, it } from 'vitest';
import type {
  EndedJob,
  Inspan,
  Model,
  ModelEvent,
  ModelRequest,
  NumberedEvent,
  Reply,
  Usage,
} from '../src/inspan.ts';
import { createMemoryJournalStore } from '../src/testing.ts';
import { openWired, type Wired } from './setup/simulator.ts';
import { type Bookings, guestFile, restaurant } from './setup/simulator-team.ts';

const models = ['anthropic/claude-sonnet-5', 'openai/gpt-6.1-terra', 'openai-chat/gpt-6.1-terra'];

/** On all models together; `npm run test:chaos` asks for more. */
const jobsCount = Number(process.env['CHAOS_JOBS'] ?? 40);

const jobsPerModel = Math.ceil(jobsCount / models.length);

/** Far more than a job takes, and far less than for ever. */
const timeoutMs = 30_000 + jobsCount * 1_000;

/** Jobs at work at once. */
const concurrency = 25;

/** A job that the world stopped is started again, so often at most. */
const startsMax = 12;

/** About every fifth request meets one of these. None ends a job by right, as a refusal or a full context does. */
const faults: readonly object[] = [
  { fault: 'rate-limited', rate: 0.03, retryAfterS: 1 },
  { fault: 'overloaded', rate: 0.03 },
  { fault: 'server-error', rate: 0.02 },
  { fault: 'hang-up', rate: 0.02 },
  { fault: 'cut', rate: 0.02 },
  { fault: 'cut', rate: 0.01, through: 0.9 },
  { fault: 'cut', rate: 0.01, through: 0 },
  { fault: 'malformed', rate: 0.02 },
  { fault: 'overloaded-midway', rate: 0.02 },
  { fault: 'stall', rate: 0.01 },
  { fault: 'slow-first-byte', rate: 0.005, waitMs: 1_000_000 },
  { fault: 'bad-key', rate: 0.005 },
  { fault: 'quota-exhausted', rate: 0.005 },
  { fault: 'wrong-arguments', rate: 0.01 },
  { fault: 'broken-arguments', rate: 0.01 },
];

/** What never comes is given up after so long: far more than a busy machine needs for an answer. */
const transport = { firstByteMsMax: 1_500, betweenBytesMsMax: 1_500 };

type Restaurant = ReturnType<typeof restaurant>;

/** Starts a job again and again on its journal, until nothing stops it any more. */
async function survive(
  { inspan, team }: { readonly inspan: Inspan; readonly team: Restaurant },
  guest: number,
  isCancelledAt: (event: NumberedEvent, start: number) => boolean = () => false,
): Promise<EndedJob> {
  const journal = createMemoryJournalStore();
  const files = { 'guest.md': guestFile(guest) };
  for (let start = 1; ; start += 1) {
    const job = await inspan.start(team, { files }, { journal });
    for await (const event of job.events()) if (isCancelledAt(event, start)) job.cancel();
    const ended = await job.outcome();
    if (ended.outcome === 'done' || start === startsMax) return ended;
  }
}

/** Does so many things, a few of them at a time. */
async function inTurns<T>(count: number, act: (number: number) => Promise<T>): Promise<readonly T[]> {
  const results: T[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) {
      const number = next;
      next += 1;
      results[number] = await act(number);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return results;
}

/** `isKnown` is false where the booking may have been cut off: nobody knows then whether it was made. */
function expectRightEnd(ended: EndedJob, { guest, booked, isKnown }: Expected): void {
  expect([ended.failure, ended.outcome]).toEqual([null, 'done']);
  expect(ended.files['greeting.md']).toContain(`Guest ${guest} likes the window`);
  expect(ended.files['review.md']).toContain(`Guest ${guest}`);
  const told = isKnown ? `Table booked for guest ${guest}.` : 'outcome is unknown';
  expect(ended.files['booking.md']).toContain(told);
  expect(booked).toBeGreaterThanOrEqual(isKnown ? 1 : 0);
  expect(booked).toBeLessThanOrEqual(1);
}

interface Expected {
  readonly guest: number;
  /** How often a table was booked for the guest. */
  readonly booked: number;
  readonly isKnown: boolean;
}

function bookedFor(guest: number, bookings: Bookings): number {
  return bookings.get(`${guest}`)?.length ?? 0;
}

const buckets: readonly (keyof Usage)[] = [
  'inputTokens',
  'cacheReadTokens',
  'cacheWrite5mTokens',
  'cacheWrite1hTokens',
  'outputTokens',
  'reasoningTokens',
];

/** Holds what jobs say of themselves, added up, against what their provider billed. */
function expectSameBooks(jobs: readonly EndedJob[], { simulator }: Wired): void {
  const totals = jobs.map(({ usage }) => usage.total);
  const sum = (of: (total: (typeof totals)[number]) => number | 'unknown'): number =>
    totals.reduce((all, total) => all + Number(of(total)), 0);
  const usage = Object.fromEntries(buckets.map((bucket) => [bucket, sum((total) => total.usage[bucket])]));
  const { total, open } = simulator.accounts();
  expect([usage, sum(({ costMicroUsd }) => costMicroUsd), open]).toEqual([
    total.usage,
    total.costMicroUsd,
    0,
  ]);
  expect(sum(({ calls }) => calls)).toBe(total.requests.answered + total.requests.untold);
  expect(sum(({ unreported }) => unreported.calls)).toBeGreaterThanOrEqual(total.requests.untold);
}

describe.each(models)('on %s, where every fifth request fails,', (model) => {
  it(
    'every job comes to the right end, does nothing twice, and accounts for every token and micro-dollar',
    async () => {
      const wired = await openWired({ faults }, { model, transport });
      const bookings: Bookings = new Map();
      const work = { inspan: wired.inspan, team: restaurant(bookings) };
      const jobs = await inTurns(jobsPerModel, (guest) => survive(work, guest));
      for (const [guest, ended] of jobs.entries())
        expectRightEnd(ended, { guest, booked: bookedFor(guest, bookings), isKnown: true });
      expectSameBooks(jobs, wired);
    },
    timeoutMs,
  );

  it(
    'a job that is cancelled at any moment goes on where it was, and does nothing twice',
    async () => {
      const { inspan } = await openWired({ faults }, { model, transport });
      const bookings: Bookings = new Map();
      const work = { inspan, team: restaurant(bookings) };
      const jobs = await inTurns(jobsPerModel, (guest) =>
        survive(work, guest, ({ seq }, start) => start <= 2 && seq === 2 + ((guest * 7 + start * 5) % 40)),
      );
      for (const [guest, ended] of jobs.entries()) {
        const isKnown = !ended.files['booking.md']?.includes('outcome is unknown');
        expectRightEnd(ended, { guest, booked: bookedFor(guest, bookings), isKnown });
      }
    },
    timeoutMs,
  );

  it(
    'no reader is shown a text twice: what was shown since the last retraction is the reply',
    async () => {
      const said = 'It was the best of times, it was the worst of times. '.repeat(20);
      const script = [{ say: said }, { say: said.toUpperCase() }];
      const { inspan } = await openWired({ brain: { script }, faults }, { transport });
      const asked = await inspan.openModel(model);
      const answers = await inTurns(jobsPerModel, (number) => answered(asked, number));
      // A wrong key and an empty account end a call at once: about one call in a hundred.
      const whole = answers.filter(({ reply }) => reply !== null);
      expect(whole.length).toBeGreaterThan(jobsPerModel * 0.8);
      expect(new Set(whole.map(({ shown }) => shown))).toEqual(new Set([said]));
    },
    timeoutMs,
  );
});

/** What a reader of an answer has before its eyes when it ends; `reply` is null where it failed for good. */
async function answered(
  model: Model,
  number: number,
): Promise<{ readonly shown: string; readonly reply: Reply | null }> {
  const request: ModelRequest = {
    lane: `reader-${number}`,
    tools: [],
    system: [],
    messages: [{ role: 'user', blocks: [{ type: 'text', text: `Tell me tale ${number}.` }] }],
    outputTokensMax: 4_000,
  };
  let shown = '';
  for await (const event of model.stream(request, new AbortController().signal)) {
    shown = shownAfter(event, shown);
    if (event.type === 'end') return { shown, reply: event.end.type === 'reply' ? event.end.reply : null };
  }
  throw new Error('no end');
}

function shownAfter(event: ModelEvent, shown: string): string {
  if (event.type === 'retracted') return '';
  return event.type === 'text' ? shown + event.text : shown;
}
