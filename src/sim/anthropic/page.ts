import type { Json } from '../../core/index.ts';
import { type Checked, faulty, invalidRequest, sound } from './fault.ts';

/** Something a list is made of. */
export interface Listed {
  readonly id: string;
  readonly [key: string]: Json;
}

const limitDefault = 20;
const limitMax = 1000;

/** Cuts one page out of a list, newest first, as `limit`, `after_id` and `before_id` ask. */
export function pageOf(items: readonly Listed[], query: URLSearchParams): Checked<Json> {
  const limit = Number(query.get('limit') ?? limitDefault);
  if (!Number.isInteger(limit) || limit < 1 || limit > limitMax) {
    return faulty(invalidRequest(`limit: Input should be a whole number from 1 to ${limitMax}`));
  }
  const before = query.get('before_id');
  const after = query.get('after_id');
  const cursor = before ?? after;
  const at = cursor === null ? -1 : items.findIndex(({ id }) => id === cursor);
  if (cursor !== null && at < 0) {
    return faulty(
      invalidRequest(`${before === null ? 'after_id' : 'before_id'}: ${cursor} is not in the list`),
    );
  }
  const rest = before === null ? items.slice(at + 1) : items.slice(0, at);
  const data = before === null ? rest.slice(0, limit) : rest.slice(-limit);
  return sound({
    data,
    has_more: data.length < rest.length,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  });
}
