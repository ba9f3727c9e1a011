import type { Json } from '../../core/index.ts';

/** What the offline model does next: call tools, or say something and stop. */
export type Move =
  | { readonly type: 'call'; readonly calls: readonly PlannedCall[] }
  | { readonly type: 'say'; readonly text: string };

/** A tool call that has no id yet. */
export interface PlannedCall {
  readonly name: string;
  readonly input: Json;
}
