/**
 * Says that the storage failed, not the work: it may be tried again once the storage answers.
 * `undone`: nothing was kept. `unknown`: the answer to a commit was lost, so it may have been kept.
 */
export class StorageError extends Error {
  readonly outcome: 'undone' | 'unknown';

  constructor(message: string, outcome: 'undone' | 'unknown', cause: unknown) {
    super(message, { cause });
    this.name = 'StorageError';
    this.outcome = outcome;
  }
}
