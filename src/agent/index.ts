export { runAgent } from './loop.ts';
export type { AgentEnd, AgentLimits, Assignment, Goal, GoalOutcome, Role } from './role.ts';
