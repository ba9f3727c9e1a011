import { ruleMatches } from '../../workspace/index.ts';
import { didYouMean } from '../settings/closest.ts';
import type { Report } from '../settings/report.ts';
import type { TeamInput } from '../team.ts';
import { briefPath } from './build-input.ts';
import { isPattern, type PlacedMember } from './build-role.ts';

/** What the members' claims on files are checked against. */
export interface ArtifactsCheck {
  readonly input: TeamInput;
  readonly report: Report;
  /** False when settings were left out: then a path nobody provides may be one of theirs. */
  readonly whole: boolean;
}

/** Checks that every artifact has one author and everything read has a source. */
export function checkArtifacts(members: readonly PlacedMember[], check: ArtifactsCheck): void {
  checkAuthors(members, check);
  checkLast(members, check.report);
  for (const member of members) checkReads(member, members, check);
}

/** Says whether one member reads what another writes. */
export function readsFrom(reader: PlacedMember, writer: PlacedMember): boolean {
  return reader !== writer && reader.reads.some(({ rule }) => ruleMatches(rule, writer.agent.writes));
}

function checkAuthors(members: readonly PlacedMember[], { input, report }: ArtifactsCheck): void {
  const inputs = Object.keys(input.files ?? {});
  const authors = new Map<string, PlacedMember>();
  for (const member of members) {
    const { name, writes } = member.agent;
    const path = writes.toLowerCase();
    const earlier = authors.get(path);
    const input = inputs.find((one) => one.toLowerCase() === path);
    if (path === briefPath) {
      report.fail(
        member.writesPlace,
        `"${name}" writes ${writes}, which is the brief itself; write another path`,
      );
    } else if (input !== undefined) {
      report.fail(
        member.writesPlace,
        `"${name}" writes ${writes}, which the brief brings; write another path`,
      );
    } else if (earlier !== undefined) {
      const same = earlier.agent.writes === writes ? 'the same file' : 'a file that differs only in case';
      report.fail(
        member.writesPlace,
        `"${name}" writes ${writes}, but "${earlier.agent.name}" writes ${same}; give each its own path`,
      );
    } else {
      checkNesting(member, [...inputs, ...[...authors.values()].map(({ agent }) => agent.writes)], report);
      authors.set(path, member);
    }
  }
}

/** A path cannot be a file and a folder at once. */
function checkNesting(member: PlacedMember, others: readonly string[], report: Report): void {
  const { name, writes } = member.agent;
  const clash = others.find((other) => {
    const [a, b] = [writes.toLowerCase(), other.toLowerCase()];
    return a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
  });
  if (clash === undefined) return;
  report.fail(
    member.writesPlace,
    `"${name}" writes ${writes} beside ${clash}: one path cannot be a file and a folder; rename one`,
  );
}

function checkLast(members: readonly PlacedMember[], report: Report): void {
  const [first] = members;
  if (first === undefined || !members.every(({ agent }) => agent.last)) return;
  report.fail(
    first.lastPlace,
    'every agent is last, so nobody comes before; keep last: true on those that verify',
  );
}

function checkReads(member: PlacedMember, members: readonly PlacedMember[], check: ArtifactsCheck): void {
  const { agent } = member;
  const { input, report, whole } = check;
  const given = [briefPath, ...Object.keys(input.files ?? {})];
  const allLast = members.every((one) => one.agent.last);
  for (const { rule, place } of member.reads) {
    const writers = members.filter((one) => ruleMatches(rule, one.agent.writes));
    const late = writers.find((one) => one !== member && one.agent.last);
    if (late !== undefined && !agent.last && !allLast) {
      report.fail(
        place,
        `"${agent.name}" reads ${late.agent.writes}, but "${late.agent.name}" is last and writes it after; write last: true here too, or remove it from reads`,
      );
    }
    if (given.some((path) => ruleMatches(rule, path))) continue;
    if (writers.length === 0 && whole) report.fail(place, nobodyProvides(rule, members, given));
    if (writers.length === 1 && writers[0] === member) {
      report.note(
        place,
        `"${agent.name}" reads ${rule}, which only it writes; that is possible without reads`,
      );
    }
  }
}

function nobodyProvides(rule: string, members: readonly PlacedMember[], given: readonly string[]): string {
  const paths = [...given, ...members.map(({ agent }) => agent.writes)];
  const what = isPattern(rule) ? `nothing that anybody provides fits "${rule}"` : `nobody provides "${rule}"`;
  const hint = didYouMean(rule, paths) || ` Known: ${paths.join(', ')}.`;
  return `${what}; let an agent write it, or declare it under input.files.${hint}`;
}
