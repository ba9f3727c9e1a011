import { mkdirSync, writeFileSync } from 'node:fs';
import { teamYamlSchema } from '../src/team/index.ts';

// Writes the schema that editors complete team.yaml with; a test says when it is out of date.
const folder = new URL('../schema/', import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL('team.schema.json', folder), `${JSON.stringify(teamYamlSchema(), null, 2)}\n`);
