import { failure, InspanError } from './core/index.ts';

/** What Inspan takes from the environment; read once, at the start. */
export interface Environment {
  /** `INSPAN_MODEL`: one model for all agents, `provider/name`. */
  readonly model: string | null;
  readonly anthropicApiKey: string | null;
  readonly openaiApiKey: string | null;
  readonly openrouterApiKey: string | null;
  readonly geminiApiKey: string | null;
  /** `OLLAMA_HOST`, as Ollama itself reads it. */
  readonly ollamaHost: string | null;
}

/** Reads the environment into one frozen object; a wrong value stops the start with its name and what was expected. */
export function readEnvironment(variables: Readonly<Record<string, string | undefined>>): Environment {
  const value = (name: string): string | null => variables[name]?.trim() || null;
  const model = value('INSPAN_MODEL');
  if (model !== null && model !== 'offline' && !/^[^/\s]+\/\S+$/.test(model)) {
    const message = `INSPAN_MODEL is ${model}: write provider/name, for example anthropic/claude-sonnet-5, or offline.`;
    throw new InspanError([failure('wrong-config', message)]);
  }
  return Object.freeze({
    model,
    anthropicApiKey: value('ANTHROPIC_API_KEY'),
    openaiApiKey: value('OPENAI_API_KEY'),
    openrouterApiKey: value('OPENROUTER_API_KEY'),
    geminiApiKey: value('GEMINI_API_KEY'),
    ollamaHost: value('OLLAMA_HOST'),
  });
}
