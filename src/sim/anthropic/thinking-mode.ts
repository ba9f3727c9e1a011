import type { Effort } from '../../core/index.ts';
import type { PromptBody } from './message-body.ts';
import type { ModelRules } from './model-rules.ts';

/** How a request is thought about: what was asked, and for all else what the model does by itself. */
export interface ThinkingMode {
  readonly type: 'adaptive' | 'enabled' | 'disabled' | 'between_tools';
  /** Null: the model thinks as it sees fit. */
  readonly tokensMax: number | null;
  readonly effort: Effort | null;
  /** False: the text of thinking is kept back, its signature is told. */
  readonly isShown: boolean;
}

/** Reads how a request is thought about. The default of a model and the same said aloud are one. */
export function thinkingModeOf({ thinking, output_config }: PromptBody, rules: ModelRules): ThinkingMode {
  const effort = output_config?.effort ?? rules.effort;
  const unasked = rules.thinksUnasked ? 'adaptive' : 'disabled';
  return {
    type: thinking?.type ?? unasked,
    tokensMax: thinking?.type === 'enabled' ? thinking.budget_tokens : null,
    effort,
    isShown: !(thinking && 'display' in thinking && thinking.display === 'omitted'),
  };
}
