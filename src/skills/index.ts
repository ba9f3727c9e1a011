export { type Frontmatter, parseFrontmatter, type SkillNotice } from './frontmatter.ts';
export { type LoadedSkills, loadSkills, type SkippedSkill } from './load-skills.ts';
export { openSkillFileTool } from './open-skill-file.ts';
export { type Skill, type SkillFile, type SkillText, skill } from './skill.ts';
