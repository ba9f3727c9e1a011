import type { JobDesk } from '../../jobs/index.ts';
import { json, type Route, route } from '../route.ts';
import { auditOnWire, auditShape } from '../shapes/audit.ts';
import { defined } from '../shapes/defined.ts';
import { pageOnWire, pageQueryShape, pageShape } from '../shapes/page.ts';

/** The route that shows who did what. */
export function auditRoute(desk: JobDesk): Route {
  return route({
    method: 'get',
    path: '/v1/audit',
    topic: 'Keys',
    summary: 'Read the audit log',
    description: 'Newest first. The audit log only grows.',
    scope: 'admin',
    query: pageQueryShape,
    answers: { 200: { description: 'One page', shape: pageShape(auditShape).openapi('AuditPage') } },
    async handle({ caller, query: { cursor, limit } }) {
      return json(pageOnWire(await desk.audit(caller, { limit, ...defined({ cursor }) }), auditOnWire));
    },
  });
}
