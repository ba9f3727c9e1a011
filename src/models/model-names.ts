/** The models that other harnesses call by family. */
const families: Readonly<Record<string, string>> = Object.freeze({
  sonnet: 'anthropic/claude-sonnet-5',
  opus: 'anthropic/claude-opus-5',
  haiku: 'anthropic/claude-haiku-4-5',
  fable: 'anthropic/claude-fable-5',
  opusplan: 'anthropic/claude-opus-5',
  best: 'anthropic/claude-opus-5',
  inherit: 'default',
});

/** Providers whose models have names that nobody else uses. `gpt-oss` is open and served by many. */
const ownersOfNames: readonly (readonly [RegExp, string])[] = Object.freeze([
  [/^claude-/, 'anthropic'],
  [/^gpt-(?!oss)/, 'openai'],
  [/^gemini-/, 'google'],
] satisfies [RegExp, string][]);

/** Translates a model name of another harness into ours: `sonnet`, `inherit`, `claude-opus-5`. Other names stay. */
export function resolveModelName(name: string): string {
  // Claude Code writes the wanted window behind the name: sonnet[1m].
  const written = name.trim().replace(/\[[0-9a-z]+\]$/i, '');
  const family = written.toLowerCase();
  if (Object.hasOwn(families, family)) return families[family] ?? written;
  const provider = ownersOfNames.find(([pattern]) => pattern.test(written))?.[1];
  return provider === undefined ? written : `${provider}/${written}`;
}
