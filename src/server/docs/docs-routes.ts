import { z } from '@hono/zod-openapi';
import { json, type Route, route } from '../route.ts';
import { docsPage } from './docs-page.ts';
import type { ApiDocument } from './open-api.ts';

const topic = 'Operation';

/** Routes that describe the API: to programs, and to people. */
export function docsRoutes(document: () => ApiDocument): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/openapi.json',
      topic,
      summary: 'Read this description as OpenAPI 3.1',
      scope: null,
      answers: { 200: { description: 'The document', shape: z.looseObject({ openapi: z.string() }) } },
      async handle() {
        return json(document());
      },
    }),
    route({
      method: 'get',
      path: '/docs',
      topic,
      summary: 'Read this description as a page',
      scope: null,
      answers: { 200: { description: 'The page', type: 'text/html', shape: z.string() } },
      async handle() {
        return new Response(docsPage(document()), {
          headers: {
            'content-type': 'text/html; charset=utf-8',
            // The page is one file: nothing is loaded, and nothing runs.
            'content-security-policy':
              "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
          },
        });
      },
    }),
  ];
}
