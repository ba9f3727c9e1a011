import type { Report } from '../settings/report.ts';
import type { PlacedMember } from './build-role.ts';
import { readsFrom } from './check-artifacts.ts';

/**
 * Orders members so that each finds what it reads; those that verify come last. Ties keep the order given.
 * A circle is reported by name, and its members are left in the order given.
 */
export function orderMembers(members: readonly PlacedMember[], report: Report): readonly PlacedMember[] {
  const early = members.filter(({ agent }) => !agent.last);
  const late = members.filter(({ agent }) => agent.last);
  return [...orderGroup(early, report), ...orderGroup(late, report)];
}

function orderGroup(group: readonly PlacedMember[], report: Report): readonly PlacedMember[] {
  const ordered: PlacedMember[] = [];
  let waiting = group;
  while (waiting.length > 0) {
    const next = waiting.find((member) => !waiting.some((other) => readsFrom(member, other)));
    if (next === undefined) {
      reportCircle(waiting, report);
      return [...ordered, ...waiting];
    }
    ordered.push(next);
    waiting = waiting.filter((member) => member !== next);
  }
  return ordered;
}

/** Everyone who waits, waits for someone who waits: walking from one to the next must come back. */
function reportCircle(waiting: readonly PlacedMember[], report: Report): void {
  const walked: PlacedMember[] = [];
  let at = waiting[0];
  while (at !== undefined && !walked.includes(at)) {
    const from: PlacedMember = at;
    walked.push(from);
    at = waiting.find((other) => readsFrom(from, other));
  }
  const [first, ...more] = at === undefined ? [] : walked.slice(walked.indexOf(at));
  if (first === undefined) return;
  const names = [first, ...more, first].map(({ agent }) => agent.name);
  const source = more[0] ?? first;
  const closing = first.reads.find(({ rule }) =>
    readsFrom({ ...first, reads: [{ rule, place: first.writesPlace }] }, source),
  );
  report.fail(
    closing?.place ?? first.writesPlace,
    `these agents wait for each other: ${names.join(' reads ')}; remove one of the reads`,
  );
}
