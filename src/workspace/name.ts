/** A path taken apart, as file systems that ignore case would see it. */
export interface Name {
  readonly path: string;
  readonly segments: readonly string[];
  /** The segments without differences of case or of normal form. */
  readonly folded: readonly string[];
}

/** Takes a checked path apart. */
export function nameOf(path: string): Name {
  const segments = path.split('/');
  return { path, segments, folded: segments.map(fold) };
}

/** Why two names cannot stand side by side. `taken` is the spelling that is there. */
export interface Clash {
  readonly type: 'same-name' | 'taken-is-folder' | 'taken-is-file';
  readonly taken: string;
}

/** Says whether two names would meet on a file system that ignores case. Equal paths do not clash. */
export function clashOf(taken: Name, wanted: Name): Clash | null {
  const depthMax = Math.min(taken.folded.length, wanted.folded.length);
  for (let depth = 0; depth < depthMax; depth++) {
    if (taken.folded[depth] !== wanted.folded[depth]) return null;
    const takenEnds = depth === taken.folded.length - 1;
    const wantedEnds = depth === wanted.folded.length - 1;
    if (takenEnds && wantedEnds)
      return taken.path === wanted.path ? null : { type: 'same-name', taken: taken.path };
    if (takenEnds) return { type: 'taken-is-file', taken: taken.path };
    const folder = `${taken.segments.slice(0, depth + 1).join('/')}/`;
    if (wantedEnds) return { type: 'taken-is-folder', taken: folder };
    if (taken.segments[depth] !== wanted.segments[depth]) return { type: 'same-name', taken: folder };
  }
  return null;
}

/** Upper case first, because some letters (ß, ſ) only become equal to others that way. */
function fold(segment: string): string {
  return segment.toUpperCase().toLowerCase().normalize('NFC');
}
