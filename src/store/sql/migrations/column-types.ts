/** What a column is called in a dialect. */
export interface ColumnTypes {
  readonly number: 'integer' | 'bigint';
  readonly bytes: 'blob' | 'bytea';
  /** A number that the database gives, growing with each row. */
  readonly place: 'integer' | 'bigserial';
}
