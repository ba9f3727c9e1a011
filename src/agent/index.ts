export { isGoalOutcome } from './check-goal.ts';
export { runAgent } from './loop.ts';
export type {
  AgentEnd,
  AgentLimits,
  Assignment,
  EnteringTool,
  Goal,
  GoalOutcome,
  Role,
} from './role.ts';
