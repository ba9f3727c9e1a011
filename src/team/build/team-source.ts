import type { Effort, Failure, Place, Tool } from '../../core/index.ts';
import type { Skill } from '../../skills/index.ts';
import type { PlacedSettings } from '../folder/team-yaml.ts';
import type { StaticText, Team, TeamShape } from '../team.ts';

/** All a team is made of, however it was written; what it means is decided by `buildTeam`. */
export interface TeamSource extends PlacedSettings {
  readonly name: string;
  readonly memory: StaticText | null;
  readonly agents: readonly AgentSource[];
  /** The team's own tools, which agents get by naming them. */
  readonly tools: readonly ToolSource[];
  /** False when a tool could not be loaded: then what names it must not be called wrong, too. */
  readonly toolsWhole: boolean;
  /** Parameters that must be given beyond those whose settings say so. */
  readonly requiredParams: readonly string[];
}

/** An agent as its file, or its entry in TypeScript, gives it. */
export interface AgentSource {
  readonly name: string;
  /** Where the name stands. */
  readonly place: Place;
  readonly description: string | null;
  readonly prompt: StaticText;
  /** The first stands in the prompt. */
  readonly skills: readonly Skill[];
  /** Null: the file tools. */
  readonly tools: NamesAt | null;
  readonly withoutTools: NamesAt | null;
  readonly model: TextAt | null;
  readonly effort: Effort | null;
  readonly turnsMax: number | null;
}

/** Names, and where they were written. */
export interface NamesAt {
  readonly names: readonly string[];
  readonly place: Place;
}

/** A text, and where it was written. */
export interface TextAt {
  readonly text: string;
  readonly place: Place;
}

/** A tool of the team's own, and the file it is from. */
export interface ToolSource {
  readonly tool: Tool;
  readonly place: Place;
}

/** A team, or everything that keeps it from being one. */
export type TeamResult<Shape extends TeamShape = TeamShape> =
  | { readonly ok: true; readonly team: Team<Shape> }
  | { readonly ok: false; readonly failures: readonly Failure[] };

/** What defining a team needs from outside. */
export interface TeamOptions {
  /** Turns the names other harnesses use for models (`sonnet`) into `provider/name`. Default: unchanged. */
  readonly resolveModelName?: (name: string) => string;
}
