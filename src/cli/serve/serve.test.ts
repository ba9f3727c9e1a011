import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Team } from '../../team/index.ts';
import { runCommandLine } from '../commands.ts';
import { createCapturedIo, openTestDesk, type TestDesk } from '../testing.ts';
import { bannerLines, curlLine } from './banner.ts';
import { redisOf, storageOf } from './storage.ts';

let desk: TestDesk;
beforeAll(async () => {
  desk = await openTestDesk();
});
afterAll(async () => await desk.close());

const team = {
  name: 'kit',
  input: {
    files: {
      'source.md': { tokensMax: 300, required: true },
      'notes.md': { tokensMax: 300, required: false },
    },
    params: {
      platforms: { required: true, schema: { type: 'array', items: { enum: ['x', 'blog'] } } },
      tone: { required: false, schema: { type: 'string' } },
    },
  },
} as unknown as Team;
const served = {
  url: 'http://127.0.0.1:7420',
  isOpen: true,
  teams: [team],
  storage: '.inspan/inspan.db',
  redis: false,
  concurrency: 32,
};

describe('what a server says of itself', () => {
  it('names its address, its teams, where jobs are kept, and how to close what is open', () => {
    const text = bannerLines(served).join('\n');
    for (const fact of [
      'kit',
      'http://127.0.0.1:7420',
      '.inspan/inspan.db',
      '32 jobs',
      'open',
      'inspan keys create',
    ]) {
      expect(text).toContain(fact);
    }
  });

  it('gives a command that brings all a team must have, and nothing else', () => {
    expect(curlLine(team, served.url, true)).toBe(
      `curl http://127.0.0.1:7420/v1/jobs -F 'request={"team":"kit","params":{"platforms":["x"]}}' -F 'source.md=@source.md'`,
    );
    expect(curlLine(team, served.url, false)).toContain('-H "Authorization: Bearer $INSPAN_KEY"');
  });
});

describe('where jobs are kept', () => {
  const at = (database: string | null, environment: Readonly<Record<string, string>> = {}) => {
    const values = database === null ? {} : { database: [database] };
    return storageOf(
      { words: [], values, flags: new Set(), rest: [] },
      createCapturedIo({ directory: '/place', environment }),
    );
  };

  it('is a file below the current folder unless somebody says otherwise', () => {
    expect(at(null)).toEqual({
      database: '/place/.inspan/inspan.db',
      isFile: true,
      name: '.inspan/inspan.db',
    });
    expect(at(null, { INSPAN_DATABASE: 'jobs.db' }).name).toBe('jobs.db');
    expect(at('other.db', { INSPAN_DATABASE: 'jobs.db' }).name).toBe('other.db');
    expect(at('/data/jobs.db').name).toBe('/data/jobs.db');
  });

  it('is told without its password', () => {
    const { name, isFile } = at('postgres://me:secret@db:5432/jobs?sslmode=require');
    expect({ name, isFile }).toEqual({ name: 'postgres://db:5432/jobs', isFile: false });
  });

  it('may have Redis beside it', () => {
    const given = { words: [], values: {}, flags: new Set<string>(), rest: [] };
    const io = (environment: Readonly<Record<string, string>>) =>
      createCapturedIo({ directory: '/', environment });
    expect(redisOf(given, io({}))).toBeNull();
    expect(redisOf(given, io({ INSPAN_REDIS: 'redis://cache' }))).toBe('redis://cache');
    expect(() => redisOf(given, io({ INSPAN_REDIS: 'cache:6379' }))).toThrow('INSPAN_REDIS is no address');
  });
});

describe('a mistake', () => {
  it.each([
    [['serve', 'kit', '--port', '70000'], '--port is 70000'],
    [['serve', 'kit', '--concurrency', '0'], '--concurrency is 0'],
    [['serve', 'kit', '--changed-tools', 'maybe'], '--changed-tools is maybe'],
    [['serve', 'kit', '--database', 'mysql://x/y'], '--database is no postgres:// address'],
    [['worker'], 'This folder is no team'],
    [['serve', 'kit', 'gone'], 'gone'],
    [['keys', 'create', '--scope', 'all'], '--scope is all'],
    [['keys', 'create', '--days', 'x'], '--days is x'],
    [['keys', 'create', '--url', 'here'], '--url is here'],
    [['keys', 'create', '--url', 'http://127.0.0.1:1', '--tenant', 'x'], '--tenant goes with --database'],
    [['store', 'backup', 'x.db', '--database', 'postgres://db/x'], 'pg_dump'],
  ])('costs a line and nothing else: %j', async (typed, said) => {
    const before = await desk.everything();
    const io = createCapturedIo({ directory: desk.directory, environment: {} });
    expect(await runCommandLine(typed, io)).toBe(2);
    expect(io.stderr()).toMatch(/^inspan: .*\n$/);
    expect(io.stderr()).toContain(said);
    expect(await desk.everything()).toEqual(before);
  });
});
