import type { Failure, Reply } from '../../../core/index.ts';
import type { Asked } from '../wire.ts';

/** Thinks up an answer, of whatever length. */
export type Brain = (asked: Asked) => Promise<Thought>;

/** What a brain came up with. */
export type Thought =
  | { readonly type: 'reply'; readonly reply: BrainReply }
  | { readonly type: 'failed'; readonly failure: Failure };

/** The part of a reply that comes from a brain: what it says, and why it stops. */
export type BrainReply = Pick<Reply, 'blocks' | 'stop'>;
