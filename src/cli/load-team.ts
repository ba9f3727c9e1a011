import { join, resolve } from 'node:path';
import { type Failure, InspanError, type Place } from '../core/index.ts';
import type { Inspan } from '../inspan.ts';
import type { Team } from '../team/index.ts';
import type { Io } from './io.ts';

/** Loads the team of a folder as typed; failures name files as a person finds them from where they are. */
export async function loadTeamAt(
  typed: string,
  inspan: Inspan,
  { directory }: Pick<Io, 'directory'>,
): Promise<Team> {
  const folder = resolve(directory, typed);
  try {
    return await inspan.loadTeam(folder);
  } catch (error) {
    if (!(error instanceof InspanError)) throw error;
    throw new InspanError(error.failures.map((failure) => asTyped(failure, { typed, folder, directory })));
  }
}

/** A place in a team's folder, as a person finds it from where they are. */
export function placeAt(typed: string, { file, line }: Place): Place {
  return { file: join(typed, file), ...(line === undefined ? {} : { line }) };
}

interface Typing {
  readonly typed: string;
  readonly folder: string;
  readonly directory: string;
}

function asTyped(failure: Failure, { typed, folder, directory }: Typing): Failure {
  // Whole paths first: what is left is beside the folder, and stands for itself where the person is.
  const message = failure.message.replaceAll(folder, typed).replaceAll(join(directory, '/'), '');
  return {
    ...failure,
    message,
    ...(failure.place === undefined ? {} : { place: placeAt(typed, failure.place) }),
  };
}
