/** A map that keeps so many entries, those written last. */
export interface Recent<T> {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
  /** The value there is, or a new one; either counts as written. */
  getOrSet(key: string, make: () => T): T;
}

/** Makes an empty one. */
export function createRecent<T>(entriesMax: number): Recent<T> {
  // A map keeps its order, so the first entry is always the one unwritten for longest.
  const entries = new Map<string, T>();

  function set(key: string, value: T): void {
    entries.delete(key);
    entries.set(key, value);
    if (entries.size > entriesMax) forgetOldest();
  }

  function forgetOldest(): void {
    const [oldest] = entries.keys();
    if (oldest !== undefined) entries.delete(oldest);
  }

  return {
    get: (key) => entries.get(key),
    set,
    getOrSet(key, make) {
      const value = entries.get(key) ?? make();
      set(key, value);
      return value;
    },
  };
}
