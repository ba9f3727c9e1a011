/** Where providers of ours live and which variable holds their key. `null`: reached without a key. */
export interface ProviderFacts {
  readonly baseUrl: string;
  readonly keyVariable: string | null;
}

/** The providers that need no configuration but a key. */
export const providers: Readonly<
  Record<'anthropic' | 'openai' | 'openrouter' | 'google' | 'ollama', ProviderFacts>
> = Object.freeze({
  anthropic: { baseUrl: 'https://api.anthropic.com', keyVariable: 'ANTHROPIC_API_KEY' },
  openai: { baseUrl: 'https://api.openai.com/v1', keyVariable: 'OPENAI_API_KEY' },
  openrouter: { baseUrl: 'https://openrouter.ai/api/v1', keyVariable: 'OPENROUTER_API_KEY' },
  google: {
    baseUrl: 'https://generativelanguage.googleapis.com/v1beta/openai',
    keyVariable: 'GEMINI_API_KEY',
  },
  ollama: { baseUrl: 'http://127.0.0.1:11434', keyVariable: null },
});

/** Names the environment variable a person sets to give a provider's key. */
export function keyVariableOf(provider: string): string {
  const known: string | null | undefined = (providers as Readonly<Record<string, ProviderFacts>>)[provider]
    ?.keyVariable;
  return known ?? `${provider.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}_API_KEY`;
}
