export type { Skill, SkillFile } from './skill.ts';
