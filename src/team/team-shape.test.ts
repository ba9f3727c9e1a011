import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { defineTeam } from './define-team.ts';
import type { Team } from './team.ts';

type ResultOf<T> = T extends Team<infer Shape> ? Shape['result'] : never;
type ParamsOf<T> = T extends Team<infer Shape> ? Shape['params'] : never;
type AgentsOf<T> = T extends Team<infer Shape> ? Shape['agents'] : never;

const facts = z.object({ claims: z.array(z.string()) });

function launch() {
  return defineTeam({
    lead: 'boss',
    input: {
      files: { 'source.md': { tokensMax: 1000 } },
      params: {
        platforms: z.array(z.enum(['x', 'blog'])).default(['x']),
        title: z.string(),
        tone: z.string().optional(),
        size: { type: 'integer', minimum: 1, required: true },
        mood: { enum: ['dry', 'warm'] },
        deep: { type: 'boolean', default: false },
        tags: { type: 'array', items: { type: 'string' } },
        who: {
          type: 'object',
          properties: { name: { type: 'string' }, age: { type: 'number' } },
          required: ['name'],
        },
      },
    },
    agents: {
      boss: { description: 'leads', prompt: 'Lead.' },
      extractor: { description: 'extracts', prompt: 'Extract.', reads: ['source.md'], output: facts },
      writer: {
        description: 'writes',
        prompt: 'Write.',
        reads: ['extractor.json'],
        writes: 'drafts/x.md',
        when: 'x in platforms',
      },
      judge: {
        description: 'judges',
        prompt: 'Judge.',
        reads: ['drafts/'],
        output: { type: 'object', properties: { verdict: { enum: ['ship', 'fix'] } }, required: ['verdict'] },
        last: true,
      },
    },
    result: {
      facts: 'extractor.json',
      draft: 'drafts/x.md',
      drafts: 'drafts/*.md',
      folder: 'drafts/',
      verdict: 'judge.json',
      source: 'source.md',
    },
  });
}

describe('the types of a team', () => {
  it('give each result field the type of its artifact', () => {
    expectTypeOf<ResultOf<ReturnType<typeof launch>>>().toEqualTypeOf<{
      readonly facts: { claims: string[] };
      readonly draft: string | null;
      readonly drafts: Readonly<Record<string, string>>;
      readonly folder: Readonly<Record<string, string>>;
      readonly verdict: { readonly verdict: 'ship' | 'fix' };
      readonly source: string;
    }>();
  });

  it('give each parameter the type of its schema, and let absent what may be absent', () => {
    expectTypeOf<ParamsOf<ReturnType<typeof launch>>>().toEqualTypeOf<{
      readonly title: string;
      readonly size: number;
      readonly platforms?: ('x' | 'blog')[] | undefined;
      readonly tone?: string | undefined;
      readonly mood?: 'dry' | 'warm';
      readonly deep?: boolean;
      readonly tags?: readonly string[];
      readonly who?: { readonly name: string; readonly age?: number };
    }>();
  });

  it('know the agents by name', () => {
    expectTypeOf<AgentsOf<ReturnType<typeof launch>>>().toEqualTypeOf<
      'boss' | 'extractor' | 'writer' | 'judge'
    >();
  });

  it('give every member its artifact where no result is named, and no lead one', () => {
    const team = () =>
      defineTeam({
        agents: { lead: { prompt: 'Lead.' }, a: { prompt: 'A.' }, b: { prompt: 'B.', output: facts } },
      });
    expectTypeOf<ResultOf<ReturnType<typeof team>>>().toEqualTypeOf<{
      readonly a: string;
      readonly b: { claims: string[] };
    }>();
    expectTypeOf<ParamsOf<ReturnType<typeof team>>>().toEqualTypeOf<Readonly<Record<string, string>>>();
  });

  it('count an agent named lead as a member where code runs the team, or it is alone', () => {
    const pipeline = () =>
      defineTeam({ pattern: 'pipeline', agents: { lead: { prompt: 'L.' }, a: { prompt: 'A.' } } });
    const alone = () => defineTeam({ agents: { lead: { prompt: 'L.' } } });
    expectTypeOf<ResultOf<ReturnType<typeof pipeline>>>().toEqualTypeOf<{
      readonly lead: string;
      readonly a: string;
    }>();
    expectTypeOf<ResultOf<ReturnType<typeof alone>>>().toEqualTypeOf<{ readonly lead: string }>();
  });

  it('refuse a lead that is no agent', () => {
    const wrong = () =>
      // @ts-expect-error "chef" is no agent
      defineTeam({ lead: 'chef', agents: { a: { prompt: 'A.' }, b: { prompt: 'B.' } } });
    expectTypeOf(wrong).toBeFunction();
  });

  it('take a lead written in place', () => {
    const team = () => defineTeam({ lead: { prompt: 'Lead.' }, agents: { a: { prompt: 'A.' } } });
    expectTypeOf<ResultOf<ReturnType<typeof team>>>().toEqualTypeOf<{ readonly a: string }>();
  });
});
