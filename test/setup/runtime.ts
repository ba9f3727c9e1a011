/** Stops the test run on a Node that cannot run Inspan, instead of failing in strange ways later. */
export function setup(): void {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return;
  throw new Error(
    `Inspan's tests need Node 22.18 or newer, this is ${process.version}. Use "npm test": it brings its own Node.`,
  );
}
