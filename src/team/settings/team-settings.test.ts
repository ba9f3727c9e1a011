import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { teamYamlSchema } from './team-settings.ts';

describe('the schema of team.yaml', () => {
  it('is written to schema/team.schema.json (npm run schema)', async () => {
    const written = await readFile(new URL('../../../schema/team.schema.json', import.meta.url), 'utf8');
    expect(written).toBe(`${JSON.stringify(teamYamlSchema(), null, 2)}\n`);
  });

  it('describes every field, so that editors can explain it', () => {
    const bare: string[] = [];
    collectBare(teamYamlSchema(), '', bare);
    expect(bare).toEqual([]);
  });

  it('takes a whole team and refuses a misspelt field', () => {
    const { title: _, ...schema } = teamYamlSchema();
    const validator = z.fromJSONSchema(schema);
    const team = {
      lead: 'lead',
      pattern: 'supervisor',
      input: { files: { 'source.md': { tokensMax: 20_000 } }, params: { tone: { type: 'string' } } },
      agents: { writer: { reads: ['source.md'], writes: 'drafts/x.md', when: 'tone', output: 'out.json' } },
      models: { small: 'ollama/qwen3:8b', default: ['anthropic/claude-sonnet-5'] },
      budget: { usd: 0.5 },
      result: { draft: 'drafts/*.md' },
    };
    expect(validator.safeParse(team).success).toBe(true);
    expect(validator.safeParse({ ...team, patern: 'pipeline' }).success).toBe(false);
    expect(validator.safeParse({ ...team, agents: { writer: { read: [] } } }).success).toBe(false);
  });
});

function collectBare(schema: unknown, path: string, bare: string[]): void {
  const { properties = {}, additionalProperties } = schema as {
    properties?: Record<string, { description?: string }>;
    additionalProperties?: unknown;
  };
  for (const [name, member] of Object.entries(properties)) {
    if (member.description === undefined) bare.push(`${path}.${name}`);
    collectBare(member, `${path}.${name}`, bare);
  }
  if (typeof additionalProperties === 'object') collectBare(additionalProperties, `${path}.*`, bare);
}
