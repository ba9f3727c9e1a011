import type { Quantity } from './numbers.ts';

/** What kind of fact a claim states; the reader of the report sees this word. */
export type FactKind = 'number' | 'version' | 'url' | 'name' | 'code' | 'command' | 'quote';

/** One checkable fact of a draft. */
export interface Claim {
  readonly kind: FactKind;
  /** As the draft has it, on one line. */
  readonly text: string;
  /** The draft's lines (from 1) that state it. */
  readonly lines: readonly number[];
  readonly form: ClaimForm;
}

/** How a claim is looked for in the source. */
export type ClaimForm =
  /** The words themselves, in one of several spellings. */
  | { readonly type: 'words'; readonly spellings: readonly string[]; readonly ignoreCase: boolean }
  /** Parts of a quotation, in this order: an ellipsis separates them. */
  | { readonly type: 'quote'; readonly parts: readonly string[] }
  | { readonly type: 'url'; readonly key: string }
  | { readonly type: 'version'; readonly version: string }
  /** One number, or the two ends of a range. `name` stands before it (`Node 22`): it may be a version of that. */
  | {
      readonly type: 'quantities';
      readonly quantities: readonly Quantity[];
      readonly name: string | null;
      readonly around: string;
    };

/** Facts of a draft that are looked up; a draft of 800 words states about forty. */
export const claimsMax = 1_000;
