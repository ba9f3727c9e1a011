import { type Schema, schemaHtml } from './docs-schema.ts';
import { docsStyle } from './docs-style.ts';
import { code, escapeHtml, inline } from './html.ts';
import type { ApiDocument } from './open-api.ts';

/** Writes the API's description as one page that loads nothing and runs nothing. */
export function docsPage(document: ApiDocument): string {
  const operations = operationsOf(document);
  const topics = [...Map.groupBy(operations, ({ topic }) => topic)];
  const { title, description = '' } = document.info;
  const shapes = shapesOf(document);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)} API</title>
<style>${docsStyle}</style>
</head>
<body>
<nav>
<h2>${escapeHtml(title)} API</h2>
${topics.map(([topic, list]) => navOf(topic, list)).join('\n')}
<p><a href="#shapes">Shapes</a></p>
</nav>
<main>
<h1>${escapeHtml(title)} API</h1>
<p>${inline(description)}</p>
${introduction}
${topics.map(([topic, list]) => `<h2 id="${anchor(topic)}">${escapeHtml(topic)}</h2>\n${list.map((each) => operationHtml(each, shapes)).join('\n')}`).join('\n')}
${shapesHtml(shapes)}
</main>
</body>
</html>
`;
}

const introduction = `
<p>Programs read the same description as <a href="/openapi.json">OpenAPI 3.1</a>. Times are ISO 8601 in UTC; money is
given in millionths of a US dollar and in dollars.</p>
<h3>Keys</h3>
<p>Send a key with every request, ${code('Authorization: Bearer ik_…')}, never in an address. On loopback none is asked
for until the first one is made. Each route names the scope it needs; ${code('admin')} includes all others.</p>
<h3>Mistakes</h3>
<p>Whatever is no success is ${code('application/problem+json')}: ${code('code')} is one word of a closed list,
${code('detail')} says the next step, ${code('instance')} is the id of the request.</p>
`;

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly topic: string;
  readonly id: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly Parameter[];
  readonly body: Content | null;
  readonly responses: readonly (readonly [status: string, response: Described])[];
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: Schema;
}

type Content = Readonly<Record<string, { readonly schema?: Schema }>>;

interface Described {
  readonly description: string;
  readonly content?: Content;
}

interface RawOperation {
  readonly operationId?: string;
  readonly tags?: readonly string[];
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses?: Readonly<Record<string, Described>>;
}

function operationsOf({ paths = {} }: ApiDocument): readonly Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods as Readonly<Record<string, RawOperation>>).map(([method, raw]) => ({
      method: method.toUpperCase(),
      path,
      topic: raw.tags?.[0] ?? '',
      id: raw.operationId ?? `${method}-${path}`,
      summary: raw.summary ?? '',
      description: raw.description ?? '',
      parameters: raw.parameters ?? [],
      body: raw.requestBody?.content ?? null,
      responses: Object.entries(raw.responses ?? {}),
    })),
  );
}

function navOf(topic: string, operations: readonly Operation[]): string {
  const items = operations.map(
    ({ id, summary }) => `<li><a href="#${anchor(id)}">${escapeHtml(summary)}</a></li>`,
  );
  return `<p><a href="#${anchor(topic)}">${escapeHtml(topic)}</a></p>\n<ul>${items.join('')}</ul>`;
}

function operationHtml(operation: Operation, shapes: Shapes): string {
  const { method, path, id, summary, description, parameters, responses } = operation;
  const paragraphs = description.split('\n\n').filter((text) => text !== '');
  const isProblem = ([, { content = {} }]: Operation['responses'][number]): boolean =>
    'application/problem+json' in content;
  const problems = responses.filter(isProblem);
  const successes = responses.filter((each) => !isProblem(each));
  return `<section id="${anchor(id)}">
<h3>${escapeHtml(summary)}</h3>
<p class="route"><b class="${method.toLowerCase()}">${method}</b> <code>${escapeHtml(path)}</code></p>
${paragraphs.map((text) => `<p>${inline(text)}</p>`).join('\n')}
${bodyHtml(operation)}
${parameters.length === 0 ? '' : table(['Parameter', 'In', 'Type', ''], parameters.map(parameterRow))}
<pre>${escapeHtml(curlOf(operation, shapes))}</pre>
${table(['Status', '', 'Shape'], successes.map(responseRow))}
<p>Problems: ${problems.map(problemHtml).join('; ')}.</p>
</section>`;
}

function parameterRow({ name, in: place, required, description = '', schema }: Parameter): readonly string[] {
  const optional = required === true ? '' : ' <small>optional</small>';
  return [`${code(name)}${optional}`, escapeHtml(place), schemaHtml(schema), inline(description)];
}

function responseRow([status, { description, content = {} }]: readonly [
  string,
  Described,
]): readonly string[] {
  const shapes = Object.entries(content).map(([type, { schema }]) =>
    type === 'application/json' || type === 'application/problem+json' ? schemaHtml(schema) : `${code(type)}`,
  );
  return [`<b class="s${status[0]}">${status}</b>`, inline(description), shapes.join(', ')];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (row: readonly string[], tag: string): string =>
    `<tr>${row.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;
  return `<table>${cells(head.map(escapeHtml), 'th')}${rows.map((row) => cells(row, 'td')).join('')}</table>`;
}

function curlOf({ method, path, body }: Operation, shapes: Shapes): string {
  const address = `"$INSPAN_URL${path.replace(/\{(\w+)\}/g, (_, name: string) => `$${name.toUpperCase()}`)}"`;
  const lines = [
    `curl ${method === 'GET' ? '' : `-X ${method} `}${address}`,
    ...(path.startsWith('/v1/') ? ['-H "Authorization: Bearer $INSPAN_KEY"'] : []),
    ...(path.endsWith('/events') ? ['-N'] : []),
    ...bodyLines(body, shapes),
  ];
  return lines.join(' \\\n  ');
}

function bodyLines(body: Content | null, shapes: Shapes): readonly string[] {
  if (body === null) return [];
  const schema = body['application/json']?.schema;
  const named = shapes[schema?.$ref?.split('/').at(-1) ?? ''];
  const example = schema?.example ?? named?.example ?? {};
  return [`-H 'Content-Type: application/json'`, `-d '${JSON.stringify(example, null, 2)}'`];
}

function bodyHtml({ body }: Operation): string {
  return body === null ? '' : `<p>Body: ${schemaHtml(body['application/json']?.schema)}</p>`;
}

/** Its description lists the codes. */
function problemHtml([status, { description }]: Operation['responses'][number]): string {
  return `<b class="s${status[0]}">${status}</b> ${inline(description)}`;
}

/** Shapes by name. */
type Shapes = Readonly<Record<string, Schema>>;

function shapesOf({ components }: ApiDocument): Shapes {
  return (components?.schemas ?? {}) as Shapes;
}

function shapesHtml(shapes: Shapes): string {
  const written = Object.entries(shapes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([name, schema]) => `<section id="shape-${anchor(name)}">
<h3>${escapeHtml(name)}</h3>
${schema.description === undefined ? '' : `<p>${inline(schema.description)}</p>`}
${fieldsHtml(schema)}
</section>`,
    );
  return `<h2 id="shapes">Shapes</h2>\n${written.join('\n')}`;
}

function fieldsHtml(schema: Schema): string {
  const fields = Object.entries(schema.properties ?? {});
  if (fields.length === 0) return `<p>${schemaHtml(schema)}</p>`;
  const rows = fields.map(([name, field]) => {
    const optional = schema.required?.includes(name) === true ? '' : ' <small>optional</small>';
    return [`${code(name)}${optional}`, schemaHtml(field), inline(field.description ?? '')];
  });
  return table(['Property', 'Type', ''], rows);
}

function anchor(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}
