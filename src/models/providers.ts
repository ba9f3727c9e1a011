import { type Effort, fail, ok, type Result } from '../core/index.ts';

/** How a provider is reached, and what is its own: one row is all it takes to add one. */
export interface ProviderFacts {
  /** Anthropic's Messages, OpenAI's Responses, or Chat Completions, which everyone else imitates. */
  readonly wire: 'messages' | 'responses' | 'chat';
  /** Where it lives; `{NAME}` stands for the value of an environment variable. */
  readonly baseUrl: string;
  /** The environment variable that names another address; null where `baseUrl` is made of variables. */
  readonly urlVariable: string | null;
  readonly keyVariable: string;
  /** False for servers of one's own, which take a key only when they were started with one. */
  readonly needsKey: boolean;
  /** Only for the wire `chat`: where it is not as `plainChat` says. */
  readonly chat?: Partial<ChatDialect>;
}

/** How a server speaks Chat Completions: the wire is the same, the habits are not. */
export interface ChatDialect {
  /** Only OpenAI knows the newer name; every compatible server knows the older one. */
  readonly outputLimit: 'max_tokens' | 'max_completion_tokens';
  /** How cache marks are written. Null: prefixes are cached by themselves, or not at all. */
  readonly cacheMarks: 'cache_control' | 'prompt_cache_breakpoint' | null;
  /** Whether requests are routed by `prompt_cache_key`. */
  readonly cacheKey: boolean;
  /** The words it knows for how hard to think; the nearest is sent. Empty: none is. */
  readonly efforts: readonly Effort[];
  /** How it is told to think little or not at all; null where that cannot be said. */
  readonly thinking: 'effort-none' | 'template' | 'google' | 'openrouter' | null;
  /** When a reply can be held to a schema; else the schema is told in words. */
  readonly schemas: 'always' | 'without-tools' | 'never';
  /** False where usage comes unasked and asking for it is refused. */
  readonly asksForUsage: boolean;
}

/** Chat Completions as a server speaks it of which nothing is known. */
export const plainChat: ChatDialect = Object.freeze<ChatDialect>({
  outputLimit: 'max_tokens',
  cacheMarks: null,
  cacheKey: false,
  efforts: ['low', 'medium', 'high'],
  thinking: null,
  // Most servers hold a model to a schema from its first token on, which leaves it no way to call a tool.
  schemas: 'without-tools',
  asksForUsage: true,
});

const openaiChat: Partial<ChatDialect> = {
  outputLimit: 'max_completion_tokens',
  cacheKey: true,
  efforts: ['low', 'medium', 'high', 'xhigh', 'max'],
  thinking: 'effort-none',
  schemas: 'always',
};

/** Servers that render the model's own template: what it knows of thinking is said to the template. */
const templated: Partial<ChatDialect> = { thinking: 'template' };

/**
 * The providers known by name. Their own pages on OpenAI compatibility, August to November 2026; Azure and Bedrock:
 * the addresses of OpenAI's SDK 7.55. Deployments on Azure have names of one's own, so only names like OpenAI’s own are known.
 */
export const providers = Object.freeze({
  anthropic: cloud('messages', 'https://api.anthropic.com', 'ANTHROPIC'),
  openai: cloud('responses', 'https://api.openai.com/v1', 'OPENAI'),
  'openai-chat': {
    ...cloud('chat', 'https://api.openai.com/v1', 'OPENAI'),
    chat: { ...openaiChat, cacheMarks: 'prompt_cache_breakpoint' },
  },
  azure: cloud('responses', '{AZURE_OPENAI_ENDPOINT}/openai/v1', 'AZURE_OPENAI'),
  'azure-chat': {
    ...cloud('chat', '{AZURE_OPENAI_ENDPOINT}/openai/v1', 'AZURE_OPENAI'),
    chat: openaiChat,
  },
  bedrock: {
    ...cloud('chat', 'https://bedrock-mantle.{AWS_REGION}.api.aws/openai/v1', 'AWS_BEDROCK'),
    keyVariable: 'AWS_BEARER_TOKEN_BEDROCK',
  },
  // The token is what `gcloud auth print-access-token` prints: it lives for an hour.
  vertex: {
    ...cloud(
      'chat',
      'https://{GOOGLE_CLOUD_LOCATION}-aiplatform.googleapis.com/v1/projects/{GOOGLE_CLOUD_PROJECT}/locations/{GOOGLE_CLOUD_LOCATION}/endpoints/openapi',
      'VERTEX',
    ),
    keyVariable: 'VERTEX_ACCESS_TOKEN',
    chat: { thinking: 'google' },
  },
  google: {
    ...cloud('chat', 'https://generativelanguage.googleapis.com/v1beta/openai', 'GEMINI'),
    chat: { thinking: 'google' },
  },
  openrouter: {
    ...cloud('chat', 'https://openrouter.ai/api/v1', 'OPENROUTER'),
    // It hands marks on to Anthropic, and caches nothing itself.
    chat: {
      cacheMarks: 'cache_control',
      efforts: ['low', 'medium', 'high', 'xhigh'],
      thinking: 'openrouter',
      schemas: 'always',
    },
  },
  // Holds no streamed reply to a schema.
  groq: { ...cloud('chat', 'https://api.groq.com/openai/v1', 'GROQ'), chat: { schemas: 'never' } },
  together: cloud('chat', 'https://api.together.xyz/v1', 'TOGETHER'),
  deepseek: {
    ...cloud('chat', 'https://api.deepseek.com/v1', 'DEEPSEEK'),
    chat: { efforts: [], schemas: 'never' },
  },
  // Refuses fields it does not know.
  mistral: {
    ...cloud('chat', 'https://api.mistral.ai/v1', 'MISTRAL'),
    chat: { efforts: [], asksForUsage: false },
  },
  xai: { ...cloud('chat', 'https://api.x.ai/v1', 'XAI'), chat: { efforts: [] } },
  moonshot: {
    ...cloud('chat', 'https://api.moonshot.ai/v1', 'MOONSHOT'),
    chat: { efforts: [], schemas: 'never' },
  },
  ollama: {
    ...ownServer('http://127.0.0.1:11434', 'OLLAMA'),
    urlVariable: 'OLLAMA_HOST',
    chat: { efforts: ['low', 'medium', 'high', 'max'], thinking: 'effort-none' },
  },
  vllm: { ...ownServer('http://127.0.0.1:8000/v1', 'VLLM'), chat: templated },
  llamacpp: { ...ownServer('http://127.0.0.1:8080/v1', 'LLAMACPP'), chat: templated },
  sglang: { ...ownServer('http://127.0.0.1:30000/v1', 'SGLANG'), chat: templated },
} satisfies Readonly<Record<string, ProviderFacts>>);

function cloud(wire: ProviderFacts['wire'], baseUrl: string, prefix: string): ProviderFacts {
  const urlVariable = baseUrl.startsWith('{') ? null : `${prefix}_BASE_URL`;
  return { wire, baseUrl, urlVariable, keyVariable: `${prefix}_API_KEY`, needsKey: true };
}

function ownServer(baseUrl: string, prefix: string): ProviderFacts {
  return { ...cloud('chat', baseUrl, prefix), needsKey: false };
}

/** The facts of a provider known by name; undefined for a server of one's own naming. */
export function providerOf(name: string): ProviderFacts | undefined {
  return Object.hasOwn(providers, name) ? providers[name as keyof typeof providers] : undefined;
}

/** Names the environment variable a person sets to give a provider's key. */
export function keyVariableOf(provider: string): string {
  return (
    providerOf(provider)?.keyVariable ?? `${provider.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}_API_KEY`
  );
}

const placeholder = /\{([A-Z_]+)\}/g;

/** The environment variables that a provider's address is made of; none for most. */
export function urlVariablesOf({ baseUrl }: ProviderFacts): readonly string[] {
  return [...new Set([...baseUrl.matchAll(placeholder)].map(([, name]) => name ?? ''))];
}

/**
 * The address that variables give a provider; null where they give none.
 * `/v1` may be written or left out, as the vendors' own SDKs differ in it.
 */
export function urlFrom(
  facts: ProviderFacts,
  variable: (name: string) => string | null,
): Result<string | null> {
  const own = facts.urlVariable === null ? null : variable(facts.urlVariable);
  if (own !== null) return facts === providers.ollama ? ok(own) : checkedUrl(facts, own);
  const names = urlVariablesOf(facts);
  const [unset] = names.filter((name) => variable(name) === null);
  if (names.length === 0 || unset !== undefined) return ok(null);
  const filled = facts.baseUrl.replaceAll(placeholder, (_, name: string) => valueIn(facts, variable(name)));
  // Google's global location has no name of its own in the host.
  const url = filled.replace('//global-aiplatform.', '//aiplatform.');
  if (isWebAddress(url)) return ok(url);
  return fail(
    'wrong-config',
    `${names.join(' and ')} ${names.length === 1 ? 'makes' : 'make'} no address: ${url}. Write them as in ${facts.baseUrl}.`,
  );
}

/** An address is often copied with what would follow: then that is not written twice. */
function valueIn({ baseUrl }: ProviderFacts, value: string | null): string {
  const rest = baseUrl.slice(baseUrl.lastIndexOf('}') + 1);
  const plain = (value ?? '').replace(/\/+$/, '');
  return plain.endsWith(rest) ? plain.slice(0, plain.length - rest.length) : plain;
}

function checkedUrl({ urlVariable, wire, baseUrl }: ProviderFacts, url: string): Result<string> {
  if (isWebAddress(url)) return ok(wire === 'messages' ? withoutVersion(url) : withVersion(url));
  return fail('wrong-config', `${urlVariable} is ${url}: write an address such as ${baseUrl}.`);
}

function isWebAddress(url: string): boolean {
  return /^https?:\/\//.test(url) && URL.canParse(url);
}

/** Anthropic's paths begin with `/v1`, so its address must not end in it. */
export function withoutVersion(url: string): string {
  return url.replace(/\/+$/, '').replace(/\/v1$/, '');
}

/** A bare host stands for its `/v1`, as nearly all servers have it. */
function withVersion(url: string): string {
  const plain = url.replace(/\/+$/, '');
  return new URL(plain).pathname === '/' ? `${plain}/v1` : plain;
}
