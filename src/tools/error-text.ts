/** Longest text of an error that a model is told, in characters. */
const charactersMax = 500;

/** Folders in which every machine keeps its own; a path that begins so is nobody else's business. */
const machineRoots =
  'Applications|Library|System|Users|Volumes|app|builds|data|dev|etc|home|media|mnt|nix|opt|private|proc|root|run|snap|srv|tmp|usr|var|work|workspace|workspaces';

/** A file URL, a Windows path, a path below a known root, or any absolute path to something with an extension. */
const machinePath = new RegExp(
  String.raw`file:\/\/[^\s'"\`)\]]+|(?<![\w./:])(?:[A-Za-z]:[\\/][^\s'"\`)\]]+|\/(?:${machineRoots})\/[^\s'"\`)\]:,]+|\/(?:[\w.@+~-]+\/)+[\w@+~-]+(?:\.[A-Za-z]\w*)+)`,
  'g',
);

/** Tells an error in one line: at most 500 characters, without stack and without paths of the machine. */
export function firstLine(error: unknown): string {
  const message = messageOf(error).trim();
  const line = withoutMachinePaths(message.split('\n', 1)[0] ?? '')
    .trim()
    .toWellFormed();
  if (line === '') return 'it failed without saying why';
  return line.length <= charactersMax ? line : `${line.slice(0, charactersMax - 1).toWellFormed()}…`;
}

/** Replaces every path of the machine with its last part. */
export function withoutMachinePaths(text: string): string {
  return text.replace(
    machinePath,
    (path) =>
      path
        .replace(/[\\/:?#]+$/, '')
        .split(/[\\/]/)
        .at(-1) ?? '',
  );
}

function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message === '' ? error.name : error.message;
  if (typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string')
    return error.message;
  return typeof error === 'string' ? error : '';
}
