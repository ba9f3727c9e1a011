import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Json, Place } from '../core/index.ts';
import { checkSkill } from './check-skill.ts';
import { attributeText, type Frontmatter, parseFrontmatter, type SkillNotice } from './frontmatter.ts';
import { readSkillFiles, type SkillFolder } from './read-skill-files.ts';
import { resolveInside } from './resolve-inside.ts';
import type { Skill } from './skill.ts';

/** A skill with what is worth attention, or why there is none. */
export type ReadSkill =
  | { readonly ok: true; readonly skill: Skill; readonly notices: readonly SkillNotice[] }
  | { readonly ok: false; readonly reason: string; readonly place: Place };

/** Largest SKILL.md, in bytes: ten times the 5,000 tokens the format recommends, and then some. */
const skillBytesMax = 256 * 1024;

/** Reads one skill: its SKILL.md and the files beside it. */
export async function readSkill(where: SkillFolder): Promise<ReadSkill> {
  const entries = await readdir(where.path);
  const fileName = entries.includes('SKILL.md')
    ? 'SKILL.md'
    : entries.find((entry) => /^skill\.md$/i.test(entry));
  if (fileName === undefined) return { ok: false, reason: 'the folder has no SKILL.md', place: where.place };
  const place = { file: `${where.place.file}/${fileName}` };
  const text = await readText(where, fileName);
  if (!text.ok) return { ok: false, reason: text.reason, place };
  const parsed = await parseFrontmatter(text.text, place.file);
  if (!parsed.ok)
    return { ok: false, reason: reasonOf(parsed.failure.message), place: parsed.failure.place ?? place };
  const description = descriptionOf(parsed.value.attributes);
  if (description === null) return { ok: false, reason: withoutDescription, place: { ...place, line: 1 } };
  const files = await readSkillFiles(where, fileName);
  const { body, bodyLine } = parsed.value;
  return {
    ok: true,
    skill: {
      name: where.folder,
      description,
      body,
      files: files.files,
      source: { ...place, line: bodyLine },
    },
    notices: [
      ...spellingNotices(fileName, place),
      ...noticesOf(parsed.value, where, place),
      ...files.notices,
    ],
  };
}

const withoutDescription =
  'its frontmatter has no `description`: add one that says what it is for and when to use it';

async function readText(
  where: SkillFolder,
  fileName: string,
): Promise<{ readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string }> {
  const entry = await resolveInside(where.root, join(where.path, fileName));
  if (entry.type === 'outside')
    return { ok: false, reason: 'it is a link that leads out of the skills folder: copy the file here' };
  if (entry.type !== 'file') return { ok: false, reason: 'it cannot be read as a file' };
  if (entry.bytesSize > skillBytesMax) {
    return {
      ok: false,
      reason: `it has ${entry.bytesSize} bytes, at most ${skillBytesMax}: move details into further files`,
    };
  }
  return { ok: true, text: await readFile(entry.path, 'utf8') };
}

/** The description, with `when_to_use` (Claude Code's second half of it) behind; null when there is none. */
function descriptionOf(attributes: Readonly<Record<string, Json>>): string | null {
  const description = attributeText(attributes.description);
  if (description === null) return null;
  const whenToUse = attributeText(attributes.when_to_use);
  return whenToUse === null ? description : `${description} ${whenToUse}`;
}

function noticesOf(frontmatter: Frontmatter, where: SkillFolder, place: Place): readonly SkillNotice[] {
  return [...frontmatter.notices, ...checkSkill(frontmatter, where.folder, place.file)];
}

function spellingNotices(fileName: string, place: Place): readonly SkillNotice[] {
  return fileName === 'SKILL.md'
    ? []
    : [{ message: 'Name this file SKILL.md: other tools look for capitals.', place }];
}

function reasonOf(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1).replace(/\.$/, '');
}
