import { describe, expect, it } from 'vitest';
import { tool } from '../../../test/setup/offline-kit.ts';
import type { JsonSchema } from '../../core/index.ts';
import { argumentsFor } from './fill-arguments.ts';

const files = ['brief.md', 'source.md', 'drafts/x.md', 'drafts/blog.md'];
const string = { type: 'string' };

function inputs(properties: JsonSchema, readable: readonly string[] = files): readonly unknown[] {
  return argumentsFor(tool('check', 'read', properties), readable, 12);
}

describe('arguments of a tool', () => {
  it('name the file that fits best, and each of those that fit equally well', () => {
    expect(inputs({ source: string, draft: string })).toEqual([
      { source: 'source.md', draft: 'drafts/x.md' },
      { source: 'source.md', draft: 'drafts/blog.md' },
    ]);
    expect(inputs({ draftPath: string })).toHaveLength(2);
    expect(inputs({ a: { type: 'string', description: 'path of the source' } })).toEqual([
      { a: 'source.md' },
    ]);
    expect(inputs({ drafts: { type: 'array', items: string } })).toEqual([
      { drafts: ['drafts/x.md', 'drafts/blog.md'] },
    ]);
  });

  it('leave to other arguments the files that those name', () => {
    expect(inputs({ source: string, draft: string }, ['source.md', 'text.md'])).toEqual([
      { source: 'source.md', draft: 'text.md' },
    ]);
  });

  it('are never more than asked for', () => {
    const many = Array.from({ length: 40 }, (_, number) => `drafts/${number}.md`);
    expect(inputs({ draft: string, other: { type: 'string', description: 'a file' } }, many)).toHaveLength(
      12,
    );
  });

  it('take choices, defaults and the plainest values from the schema', () => {
    const properties = {
      mode: { enum: ['fast', 'deep'] },
      strict: { type: 'boolean' },
      top: { type: 'integer', minimum: 3 },
      share: { type: 'number', exclusiveMinimum: 0, maximum: 0.5 },
      size: { type: 'integer', default: 9 },
      nested: { type: 'object', properties: { level: { const: 2 } }, required: ['level'] },
      list: { type: 'array', items: string },
      either: { anyOf: [{ type: 'null' }, { type: 'integer' }] },
    };
    expect(inputs(properties)).toEqual([
      { mode: 'fast', strict: false, top: 3, share: 0.5, size: 9, nested: { level: 2 }, list: [], either: 1 },
    ]);
    expect(inputs({})).toEqual([{}]);
  });

  it('are none when something required cannot be known', () => {
    expect(inputs({ source: string, query: string })).toEqual([]);
    expect(inputs({ link: { type: 'string', format: 'uri', description: 'URL of the source' } })).toEqual([]);
    expect(inputs({ source: string }, [])).toEqual([]);
  });
});
