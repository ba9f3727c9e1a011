import { fail, ok, type Result } from '../core/index.ts';

/** The longest segment: what every common file system takes (255 bytes on ext4, APFS and NTFS). */
const segmentBytesMax = 255;

/** The longest path: the smallest PATH_MAX among common systems (1,024 on macOS). */
const pathBytesMax = 1024;

// Names that Windows gives to devices, whatever extension follows them (Microsoft, "Naming Files, Paths, and Namespaces").
const deviceName = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])$/i;

// Control characters, line and paragraph separators, and marks that turn the direction of text around:
// with them a name could look like another, or like two lines of a list.
const hiddenCharacter = /[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/u;

// What Windows refuses in a name; `:` would also open a second stream of the same file there.
const unportableCharacter = /[<>:"|?*]/;

/**
 * Checks a path of a workspace and gives its one spelling (NFC).
 * Relative, `/` between segments, writable on every platform; else `path-refused`, saying what to write instead.
 */
export function checkPath(path: string): Result<string> {
  const normal = path.normalize('NFC');
  const problem = wholeProblem(normal) ?? segmentsProblem(normal.split('/'));
  if (problem === null) return ok(normal);
  return fail('path-refused', `${quotePath(normal)} is not a path of the workspace: ${problem}`);
}

/** Says what makes one segment of a path unusable, or null when nothing does. */
export function segmentProblem(segment: string): string | null {
  if (segment === '') return 'it has an empty segment. Write one `/` between segments and none at the end.';
  if (segment === '.' || segment === '..')
    return `leave out the segment \`${segment}\`: paths start at the top.`;
  if (/[ .]$/.test(segment)) return `the segment \`${segment}\` ends in a space or a dot. Leave that out.`;
  if (isDeviceName(segment)) return `\`${segment}\` is the name of a device on Windows. Choose another name.`;
  if (Buffer.byteLength(segment) > segmentBytesMax) {
    return `a segment has more than ${segmentBytesMax} bytes. Choose a shorter name.`;
  }
  return null;
}

/** Says what makes a path as a whole unusable, or null when nothing does. */
export function wholeProblem(path: string): string | null {
  if (path === '') return 'it is empty. Write the name of a file, such as `notes.md`.';
  if (!path.isWellFormed() || hiddenCharacter.test(path)) {
    return 'it holds a character that cannot be seen. Write it with visible characters only.';
  }
  if (/^[a-z]:/i.test(path) || /^[/\\]/.test(path)) {
    return `it is absolute. Write it relative to the workspace${suggestion(path)}.`;
  }
  if (path.includes('\\')) return `write \`/\` instead of \`\\\`${suggestion(path)}.`;
  if (Buffer.byteLength(path) > pathBytesMax) {
    return `it has more than ${pathBytesMax} bytes. Choose shorter names or fewer folders.`;
  }
  return recordsProblem(path);
}

function segmentsProblem(segments: readonly string[]): string | null {
  const odd = unportableCharacter.exec(segments.join('/'))?.[0];
  if (odd !== undefined) return `the character \`${odd}\` cannot be in the name of a file. Leave it out.`;
  for (const segment of segments) {
    const problem = segmentProblem(segment);
    if (problem !== null) return problem;
  }
  return null;
}

/**
 * The folder of records is named in more ways than one: file systems may ignore case and invisible characters,
 * and Windows gives long names a short form such as `INSPAN~1`.
 */
function recordsProblem(path: string): string | null {
  const first = (path.split('/')[0] ?? '').replace(/\p{Default_Ignorable_Code_Point}/gu, '');
  if (!/^(?:\.inspan|inspan~\d+)$/i.test(first)) return null;
  return 'the folder `.inspan` is kept for records. Choose another folder.';
}

function isDeviceName(segment: string): boolean {
  const stem = segment.split('.')[0] ?? '';
  return deviceName.test(stem.trimEnd());
}

/** Offers the relative spelling, where that is itself a path. */
function suggestion(path: string): string {
  const relative = path
    .replace(/^[a-z]:/i, '')
    .replaceAll('\\', '/')
    .replace(/^\/+/, '');
  return relative !== '' && checkPath(relative).ok ? `: \`${relative}\`` : '';
}

/** Shows a path in a message: characters that cannot be seen are spelled out, and a long one is cut. */
export function quotePath(path: string): string {
  const shown = path.length > 120 ? `${path.slice(0, 120).toWellFormed()}…` : path;
  const escaped = shown
    .toWellFormed()
    .replace(
      new RegExp(hiddenCharacter.source, 'gu'),
      (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
  return `\`${escaped}\``;
}
