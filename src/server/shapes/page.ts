import { z } from '@hono/zod-openapi';
import type { Page } from '../../core/index.ts';

/** The most items of one page. */
export const pageItemsMax = 200;

/** Which page of a list is wanted. */
export const pageQueryShape = z.strictObject({
  cursor: z.string().max(512).optional().openapi({ description: '`next` of the page before.' }),
  limit: z.coerce.number().int().min(1).max(pageItemsMax).default(50),
});

/** One page of a list of something. */
export function pageShape<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item),
    next: z.string().nullable().openapi({ description: '`cursor` of the next page; null on the last one.' }),
  });
}

/** Writes a page as an answer has it. */
export function pageOnWire<T, Wire>(
  page: Page<T>,
  write: (item: T) => Wire,
): { readonly items: Wire[]; readonly next: string | null } {
  return { items: page.items.map(write), next: page.next };
}
