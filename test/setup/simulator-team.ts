import { z } from 'zod';
import { defineTeam, type Tool, tool } from '../../src/inspan.ts';

/** What was done in the world outside: the keys of the calls that booked for a guest. */
export type Bookings = Map<string, string[]>;

/** Long enough for the prompt caches of all providers: 1,024 tokens. */
const houseRules = Array.from(
  { length: 90 },
  (_, rule) => `Rule ${rule + 1}: table ${rule + 1} is laid before anybody asks, and never booked twice.`,
).join('\n');

/** A team whose work has an effect outside, one that must not happen twice: it books tables. */
export function restaurant(bookings: Bookings) {
  return defineTeam({
    name: 'restaurant',
    lead: { description: 'Leads.', prompt: 'Lead the team by the plan.' },
    memory: houseRules,
    input: { files: { 'guest.md': {} } },
    agents: {
      booker: {
        description: 'Books.',
        prompt: 'Book a table for the guest.',
        reads: ['guest.md'],
        writes: 'booking.md',
        tools: [bookTool(bookings)],
      },
      host: {
        description: 'Greets.',
        prompt: 'Greet the guest.',
        reads: ['guest.md'],
        writes: 'greeting.md',
      },
      reviewer: {
        description: 'Reviews.',
        prompt: 'Review what was written.',
        reads: ['booking.md', 'greeting.md'],
        writes: 'review.md',
        last: true,
      },
    },
  });
}

/** What a job of the restaurant is about. */
export function guestFile(guest: number): string {
  return `# Guest ${guest}\n\nGuest ${guest} likes the window and comes at ${guest % 24}:30.\n`;
}

/** No wire says what a tool may change. Without the word `read-only` the offline model would not call it. */
function bookTool(bookings: Bookings): Tool {
  return tool({
    name: 'book',
    purpose: 'Books a table for the guest of a file and gives a read-only receipt.',
    input: z.object({ file: z.string().describe('The file that names the guest.') }),
    effect: 'outside',
    async run({ file }, { workspace, key }) {
      const read = await workspace.read(file);
      if (!read.ok) throw new Error(read.failure.message);
      const guest = /Guest (\d+)/.exec(new TextDecoder().decode(read.value.bytes))?.[1] ?? 'nobody';
      bookings.set(guest, [...(bookings.get(guest) ?? []), key]);
      return `Table booked for guest ${guest}.`;
    },
  });
}
