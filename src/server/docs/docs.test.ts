import { describe, expect, it } from 'vitest';
import { openServerHouse } from '../../../test/setup/server-house.ts';
import { codesOf } from './open-api.ts';

describe('the description of the API', () => {
  it('has every route with its answers, problems, scope and an id of its own', async () => {
    const { app } = await openServerHouse();
    const { document, routes } = app;
    expect(document.openapi).toBe('3.1.0');
    const ids = new Set<string>();
    for (const route of routes) {
      const operation = document.paths?.[route.path]?.[route.method];
      expect(operation, `${route.method} ${route.path}`).toBeDefined();
      expect(operation?.summary).not.toBe('');
      expect(operation?.security).toEqual(route.scope === null ? [] : [{ key: [] }]);
      for (const status of Object.keys(route.answers)) expect(operation?.responses).toHaveProperty(status);
      for (const code of codesOf(route))
        expect(JSON.stringify(operation?.responses)).toContain(`\`${code}\``);
      ids.add(operation?.operationId ?? '');
    }
    expect(ids.size).toBe(routes.length);
    expect(document.components?.securitySchemes).toHaveProperty('key');
  });

  it('names only shapes that are there, and gives an example for every body', async () => {
    const { app } = await openServerHouse();
    const text = JSON.stringify(app.document);
    const names = Object.keys(app.document.components?.schemas ?? {});
    for (const [, name] of text.matchAll(/#\/components\/schemas\/(\w+)/g)) expect(names).toContain(name);
    for (const { path, body } of app.routes) {
      if (body === undefined) continue;
      const example = exampleOf(
        app.document.components?.schemas,
        body.meta()?.id ?? refOf(app.document, path),
      );
      expect(example, path).toBeDefined();
      expect(body.safeParse(example).success, path).toBe(true);
    }
  });

  it('says of no shape that it may be null because one answer lacks it', async () => {
    const { app } = await openServerHouse();
    const text = JSON.stringify(app.document);
    expect(app.document.components?.schemas?.['Money']).toMatchObject({ type: 'object' });
    expect(app.document.components?.schemas?.['Failure']).toMatchObject({ type: 'object' });
    expect(text).toContain('"failure":{"anyOf":[{"$ref":"#/components/schemas/Failure"},{"type":"null"}]}');
    // A value that must fit both a shape and the same shape or null can never be null.
    expect(text).not.toMatch(/"allOf":\[[^\]]*"null"/);
  });

  it('is a page for people that loads nothing and runs nothing', async () => {
    const house = await openServerHouse();
    const response = await house.ask('GET', '/docs');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    const html = await response.text();
    expect(html).not.toMatch(/<script|<link|<img|src=|url\(|@import|href="https?:/);
    for (const { path, summary } of house.app.routes) {
      expect(html).toContain(path);
      expect(html).toContain(summary);
    }
    for (const [, target] of html.matchAll(/href="#([^"]+)"/g)) expect(html).toContain(`id="${target}"`);
  });
});

type Document = Awaited<ReturnType<typeof openServerHouse>>['app']['document'];

function refOf(document: Document, path: string): string {
  const operations = Object.values(document.paths?.[path] ?? {}) as readonly object[];
  const ref = operations.map((each) => /"requestBody".*?schemas\/(\w+)/.exec(JSON.stringify(each))?.[1]);
  return ref.find((name) => name !== undefined) ?? '';
}

function exampleOf(schemas: object | undefined, name: string): unknown {
  const schema = (schemas as Readonly<Record<string, { readonly example?: unknown }>> | undefined)?.[name];
  return schema?.example;
}
