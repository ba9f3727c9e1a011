export { checkPath as workspacePath } from '../workspace/index.ts';
export type { TeamOptions, TeamResult } from './build/team-source.ts';
export type { Condition } from './condition.ts';
export { defineTeam } from './define-team.ts';
export { type AgentEstimate, estimateJob, type JobEstimate } from './estimate.ts';
export { loadTeam } from './folder/load-team.ts';
export { patchTeam } from './pin/patch-team.ts';
export { type RevivedTeam, reviveTeam } from './pin/revive-team.ts';
export { snapshotTeam } from './pin/snapshot-team.ts';
export { assembleResult } from './run/assemble-result.ts';
export { type CompiledMember, type CompiledRole, type CompiledTeam, compileTeam } from './run/compile.ts';
export { orchestrate } from './run/orchestrate.ts';
export { type Plan, planOf } from './run/plan.ts';
export { type BriefView, briefFile } from './run/task.ts';
export { closest } from './settings/closest.ts';
export { teamYamlSchema } from './settings/team-settings.ts';
export type {
  AgentDefinition,
  InputFile,
  InputParam,
  LeadDefinition,
  Notice,
  Pattern,
  RoleDefinition,
  StaticText,
  Team,
  TeamInput,
  TeamShape,
} from './team.ts';
export { defaultFileTokensMax } from './team.ts';
export type {
  AgentsWriting,
  AgentWriting,
  FromSchema,
  LeadWriting,
  LimitsWriting,
  ParamSchema,
  ParamsOf,
  ParamsWriting,
  ResultOf,
  ShapeOf,
  TeamWriting,
} from './team-shape.ts';
