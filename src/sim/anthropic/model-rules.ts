import type { Effort } from '../../core/index.ts';

/** A way of thinking that a request may ask for. */
export type ThinkingType = 'adaptive' | 'enabled' | 'disabled' | 'between_tools';

/** What a model of Anthropic's takes, and what it does unless told otherwise. */
export interface ModelRules {
  readonly thinkingTypes: readonly ThinkingType[];
  readonly thinksUnasked: boolean;
  /** Null: the model does not know the word. */
  readonly effort: Effort | null;
  /** Thinking can be switched off only up to this effort. */
  readonly disabledEffortMax?: Effort;
  /** The conversation may end with what the assistant is to go on from. */
  readonly takesPrefill: boolean;
  /** `tool_choice` may be `any` or `tool`. */
  readonly takesForcedTools: boolean;
  readonly takesSystemMessages: boolean;
  /** Thinking of earlier turns is left out once the user says something new. */
  readonly dropsOldThinking: boolean;
  /** The prompt that comes with the first tool, in tokens. */
  readonly toolPromptTokens: number;
}

/**
 * Finds the rules of a model by its name; a name nobody knows gets the rules of the newest models.
 * Sources: Anthropic, "Extended thinking", "Effort", "Tool use overview", 2026-08; newer models by the SDK 1.11.
 */
export function rulesOf(model: string): ModelRules {
  return families.find(([pattern]) => pattern.test(model))?.[1] ?? newest;
}

const newest: ModelRules = Object.freeze({
  thinkingTypes: ['adaptive'],
  thinksUnasked: true,
  effort: 'high',
  takesPrefill: false,
  takesForcedTools: false,
  takesSystemMessages: true,
  dropsOldThinking: false,
  // Opus 5; that of later models is not published.
  toolPromptTokens: 286,
} satisfies ModelRules);

/** Models that can be told not to think, and to call a tool. */
const lenient: ModelRules = Object.freeze({
  ...newest,
  thinkingTypes: ['adaptive', 'disabled'],
  takesForcedTools: true,
} satisfies ModelRules);

const upTo45: ModelRules = Object.freeze({
  thinkingTypes: ['enabled', 'disabled'],
  thinksUnasked: false,
  effort: null,
  takesPrefill: true,
  takesForcedTools: true,
  takesSystemMessages: false,
  dropsOldThinking: true,
  toolPromptTokens: 496,
} satisfies ModelRules);

const families: readonly (readonly [RegExp, ModelRules])[] = Object.freeze([
  [/^claude-opus-5-[5-9]/, { ...newest, effort: 'medium' }],
  [/^claude-(fable|mythos)-5-[1-9]/, newest],
  [/^claude-(fable|mythos)-5/, { ...newest, takesForcedTools: true }],
  [/^claude-opus-5/, { ...lenient, disabledEffortMax: 'high' }],
  [/^claude-sonnet-5-[5-9]/, { ...newest, thinkingTypes: ['adaptive', 'between_tools', 'disabled'] }],
  [/^claude-sonnet-5/, { ...lenient, takesSystemMessages: false, toolPromptTokens: 354 }],
  [/^claude-haiku-5/, { ...lenient, effort: 'medium', takesSystemMessages: false }],
  [/^claude-opus-4-8/, { ...lenient, thinksUnasked: false, toolPromptTokens: 290 }],
  [
    /^claude-(opus-4-7|mythos-preview)/,
    { ...lenient, thinksUnasked: false, takesSystemMessages: false, toolPromptTokens: 675 },
  ],
  [
    /^claude-(opus|sonnet)-4-6/,
    {
      ...lenient,
      thinkingTypes: ['adaptive', 'enabled', 'disabled'],
      thinksUnasked: false,
      takesSystemMessages: false,
      toolPromptTokens: 497,
    },
  ],
  [/^claude-opus-4-5/, { ...upTo45, effort: 'high', dropsOldThinking: false }],
  [/^claude-((haiku|sonnet|opus)-4|3|2|instant)/, upTo45],
] satisfies readonly (readonly [RegExp, ModelRules])[]);
