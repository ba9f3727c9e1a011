import type { Endpoint, HttpCall } from './wire.ts';

/** Where a request leads. */
export type Route =
  | {
      readonly type: 'found';
      readonly endpoint: Endpoint;
      readonly parameters: Readonly<Record<string, string>>;
    }
  /** The path is known, for other methods. */
  | { readonly type: 'wrong-method'; readonly methods: readonly string[] }
  | { readonly type: 'unknown-path' };

/** Finds the endpoint of a request. A path that is written out is preferred to one with parameters. */
export function findRoute(endpoints: readonly Endpoint[], call: HttpCall): Route {
  const matching = endpoints.flatMap((endpoint) => {
    const isMeant = endpoint.takes?.(call) ?? true;
    const parameters = isMeant ? parametersIn(endpoint.path, call.path) : null;
    return parameters === null ? [] : [{ endpoint, parameters }];
  });
  if (matching.length === 0) return { type: 'unknown-path' };
  const fewest = (a: (typeof matching)[number], b: (typeof matching)[number]) =>
    Object.keys(a.parameters).length - Object.keys(b.parameters).length;
  const [found] = matching.filter(({ endpoint }) => endpoint.method === call.method).toSorted(fewest);
  if (found !== undefined) return { type: 'found', ...found };
  return { type: 'wrong-method', methods: [...new Set(matching.map(({ endpoint }) => endpoint.method))] };
}

function parametersIn(pattern: string, path: string): Readonly<Record<string, string>> | null {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return null;
  const parameters: [string, string][] = [];
  for (const [place, part] of wanted.entries()) {
    const segment = given[place] ?? '';
    if (part.startsWith(':') && segment !== '') parameters.push([part.slice(1), decoded(segment)]);
    else if (part !== segment) return null;
  }
  return Object.fromEntries(parameters);
}

/** A stray percent sign stands for itself. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    if (error instanceof URIError) return segment;
    throw error;
  }
}
