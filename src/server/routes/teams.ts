import { z } from '@hono/zod-openapi';
import { failure } from '../../core/index.ts';
import type { JobDesk } from '../../jobs/index.ts';
import { json, type Route, refuse, route } from '../route.ts';
import { teamOnWire, teamShape } from '../shapes/team.ts';

const topic = 'Teams';

/** Routes that show which teams jobs may ask for. */
export function teamRoutes(desk: JobDesk): readonly Route[] {
  return [listRoute(desk), showRoute(desk)];
}

function listRoute(desk: JobDesk): Route {
  return route({
    method: 'get',
    path: '/v1/teams',
    topic,
    summary: 'List teams',
    scope: 'jobs:read',
    answers: {
      200: {
        description: 'The teams that jobs may ask for',
        shape: z.object({ items: z.array(teamShape) }).openapi('TeamList'),
      },
    },
    async handle() {
      return json({ items: desk.teams().map(teamOnWire) });
    },
  });
}

function showRoute(desk: JobDesk): Route {
  return route({
    method: 'get',
    path: '/v1/teams/{name}',
    topic,
    summary: 'Get a team',
    scope: 'jobs:read',
    params: z.object({ name: z.string() }),
    answers: { 200: { description: 'The team', shape: teamShape } },
    async handle({ params }) {
      const team = desk.teams().find(({ name }) => name === params.name);
      if (team !== undefined) return json(teamOnWire(team));
      return refuse(failure('not-found', 'There is no team of this name. See GET /v1/teams.'));
    },
  });
}
