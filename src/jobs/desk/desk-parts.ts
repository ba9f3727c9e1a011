import type { Clock, Failure, Hot, JobAccount, NumberedEvent, Store } from '../../core/index.ts';
import type { JobEstimate, Team } from '../../team/index.ts';
import type { AcceptedBrief, Brief } from '../accept.ts';
import type { OpenRun } from '../open-run.ts';
import type { TeamBook } from '../team-book.ts';

/** What a desk works with. */
export interface DeskParts {
  readonly store: Store;
  readonly hot: Hot;
  readonly clock: Clock;
  /** Names jobs and schedules. */
  readonly newId: () => string;
  readonly teams: TeamBook;
  readonly prepare: Prepare;
  /** For replays. */
  readonly openRun: OpenRun;
  readonly accountOf: (events: readonly NumberedEvent[]) => JobAccount;
  /** Is told, in one line, what went wrong where nobody waits for it. */
  readonly report: (problem: string) => void;
}

/** Checks and sizes a brief for a team. `model`: one that answers for all agents; null: the team's own. */
export type Prepare = (team: Team, brief: Brief, model: string | null) => Promise<Prepared>;

/** A sized brief and what it would cost, or everything that is wrong with it. */
export type Prepared =
  | { readonly ok: true; readonly brief: AcceptedBrief; readonly estimate: JobEstimate }
  | { readonly ok: false; readonly failures: readonly Failure[] };
