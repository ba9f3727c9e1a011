import { type Failure, failure, InspanError } from './core/index.ts';
import { type ProxySettings, providerOf, providers, urlFrom } from './models/index.ts';

/** What Inspan takes from the environment; read once, at the start. */
export interface Environment {
  /** `INSPAN_MODEL`: one model for all agents, `provider/name`. */
  readonly model: string | null;
  /** Keys of providers, by the name that stands before `/` in their models' ids. */
  readonly keys: Readonly<Record<string, string>>;
  /** Addresses of providers by the same names, where the environment gives one. Ollama's is as in `OLLAMA_HOST`. */
  readonly urls: Readonly<Record<string, string>>;
  /** `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`, in capitals or not. */
  readonly proxy: ProxySettings;
}

/** Reads the environment into one frozen object; a wrong value stops the start with its name and what was expected. */
export function readEnvironment(variables: Readonly<Record<string, string | undefined>>): Environment {
  const variable = (name: string): string | null => variables[name]?.trim() || null;
  const names = Object.keys(providers).flatMap((name) => {
    const facts = providerOf(name);
    return facts === undefined ? [] : [{ name, facts }];
  });
  const keys = names.map(({ name, facts }) => [name, variable(facts.keyVariable)] as const);
  const urls = names.map(({ name, facts }) => [name, urlFrom(facts, variable)] as const);
  const model = variable('INSPAN_MODEL');
  const failures = [...wrongModel(model), ...urls.flatMap(([, url]) => (url.ok ? [] : [url.failure]))];
  if (failures.length > 0) throw new InspanError(distinct(failures));
  return Object.freeze({
    model,
    keys: given(keys),
    urls: given(urls.map(([name, url]) => [name, url.ok ? url.value : null])),
    proxy: given([
      ['http', variable('HTTP_PROXY') ?? variable('http_proxy')],
      ['https', variable('HTTPS_PROXY') ?? variable('https_proxy')],
      ['none', variable('NO_PROXY') ?? variable('no_proxy')],
    ]),
  });
}

function wrongModel(model: string | null): readonly Failure[] {
  if (model === null || model === 'offline' || /^[^/\s]+\/\S+$/.test(model)) return [];
  const message = `INSPAN_MODEL is ${model}: write provider/name, for example anthropic/claude-sonnet-5, or offline.`;
  return [failure('wrong-config', message)];
}

/** Two providers may read one variable. */
function distinct(failures: readonly Failure[]): readonly Failure[] {
  return [...new Map(failures.map((each) => [each.message, each])).values()];
}

function given(entries: readonly (readonly [string, string | null])[]): Readonly<Record<string, string>> {
  return Object.freeze(
    Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== null)),
  );
}
