// A team at work.
export { checkPath as workspacePath } from '../workspace/index.ts';
export { assembleResult } from './assemble-result.ts';
// How a team is written: a folder, or TypeScript.
export { closest } from './closest.ts';
export { type CompiledMember, type CompiledRole, type CompiledTeam, compileTeam } from './compile.ts';
export type { Condition } from './condition.ts';
export { defineTeam } from './define-team.ts';
export { loadTeam } from './load-team.ts';
export { orchestrate } from './orchestrate.ts';
export { type Plan, planOf } from './plan.ts';
export { type BriefView, briefFile } from './task.ts';
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
// What a team is.
export { defaultFileTokensMax, defaultLeadLimits, defaultLimits } from './team.ts';
export { teamYamlSchema } from './team-settings.ts';
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
export type { TeamOptions, TeamResult } from './team-source.ts';
