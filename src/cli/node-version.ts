/** The oldest Node that runs TypeScript tools as they are written, without a flag. */
export const nodeNeeded = '22.18';

/** Says whether a version of Node, such as `20.19.1`, is older than what Inspan needs. */
export function isNodeTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [majorNeeded = 0, minorNeeded = 0] = nodeNeeded.split('.').map(Number);
  return major < majorNeeded || (major === majorNeeded && minor < minorNeeded);
}
