import { type Failure, failure, type Place } from '../../core/index.ts';
import type { Notice } from '../team.ts';

/** Collects all that is wrong or worth a word, for one look at it. */
export interface Report {
  readonly failures: readonly Failure[];
  readonly notices: readonly Notice[];
  /** Something a person must mend before the team can run. */
  fail(place: Place | null, message: string): void;
  /** Something a person should know, and nothing more. */
  note(place: Place | null, message: string): void;
  /** Takes over what another room found. */
  add(found: { readonly failures?: readonly Failure[]; readonly notices?: readonly Notice[] }): void;
}

/** Starts an empty report. */
export function createReport(): Report {
  const failures: Failure[] = [];
  const notices: Notice[] = [];
  return {
    failures,
    notices,
    fail: (place, message) => {
      failures.push(failure('wrong-team', message, place === null ? {} : { place }));
    },
    note: (place, message) => {
      notices.push(place === null ? { message } : { message, place });
    },
    add: (found) => {
      failures.push(...(found.failures ?? []));
      notices.push(...(found.notices ?? []));
    },
  };
}

/** Sorts findings file by file, as first met, and by line within each. */
export function inFileOrder<Found extends { readonly place?: Place }>(
  found: readonly Found[],
): readonly Found[] {
  const files = [...new Set(found.map((one) => one.place?.file))];
  return files.flatMap((file) =>
    found
      .filter((one) => one.place?.file === file)
      .toSorted((a, b) => (a.place?.line ?? 0) - (b.place?.line ?? 0)),
  );
}
