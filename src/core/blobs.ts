/** Bytes by their hash: stored once, however many name them. */
export interface Blobs {
  /** Keeps bytes for good before it resolves; gives their SHA-256 in hex. Keeping them again makes them young. */
  put(bytes: Uint8Array): Promise<string>;
  get(hash: string): Promise<Uint8Array | null>;
  /** As `get` for several; those that are not there are left out. */
  getAll(hashes: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
}
