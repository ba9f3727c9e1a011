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
  storage: { name: '.inspan/inspan.db', argument: '.inspan/inspan.db', isFile: true },
  hasReadme: false,
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
      'inspan keys create --scope admin --url http://127.0.0.1:7420',
    ]) {
      expect(text).toContain(fact);
    }
  });

  it('gives a command that brings all a team must have, and nothing else', () => {
    expect(curlLine(team, served)).toBe(
      `curl http://127.0.0.1:7420/v1/jobs -F 'request={"team":"kit","params":{"platforms":["x"]}}' -F 'source.md=# Our launch. On Monday we ship the first version.;type=text/plain'`,
    );
    expect(curlLine(team, { ...served, hasReadme: true })).toContain("-F 'source.md=@README.md'");
    expect(curlLine(team, { ...served, isOpen: false })).toContain('-H "Authorization: Bearer $INSPAN_KEY"');
  });

  it('names the command that makes a key where it keeps them', () => {
    const storage = { name: 'postgres://db/jobs', argument: 'postgres://me@db/jobs', isFile: false };
    expect(bannerLines({ ...served, isOpen: false, storage }).join('\n')).toContain(
      'inspan keys create --scope admin --database postgres://me@db/jobs',
    );
    expect(bannerLines({ ...served, isOpen: false }).join('\n')).toContain(
      'inspan keys create --scope admin --url http://127.0.0.1:7420 (with one of scope admin in INSPAN_KEY)',
    );
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
      argument: '.inspan/inspan.db',
    });
    expect(at(null, { INSPAN_DATABASE: 'jobs.db' }).name).toBe('jobs.db');
    expect(at('other.db', { INSPAN_DATABASE: 'jobs.db' }).name).toBe('other.db');
    expect(at('/data/jobs.db').name).toBe('/data/jobs.db');
  });

  it('is told without its password', () => {
    const { name, isFile, argument } = at('postgres://me:secret@db:5432/jobs?sslmode=require');
    expect({ name, isFile }).toEqual({ name: 'postgres://db:5432/jobs', isFile: false });
    expect(argument).toBe('postgres://me@db:5432/jobs');
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
    [['serve', 'kit', '--lease', '0'], '--lease is 0'],
    [['serve', 'kit', '--changed-tools', 'maybe'], '--changed-tools is maybe'],
    [['serve', 'kit', '--database', 'mysql://x/y'], '--database is no postgres:// address'],
    [['worker'], 'This folder is no team'],
    [['serve', 'kit', 'gone'], 'gone'],
    [['keys', 'create', '--scope', 'all'], '--scope is all'],
    [['serve', 'kit', '--allow-origin', 'https://app.example.org/'], '--allow-origin is https'],
    [['serve', 'kit', '--allow-origin', '*'], '--allow-origin is *'],
    [['keys', 'create', '--days', 'x'], '--days is x'],
    [['keys', 'create', '--days', '0'], '--days is 0'],
    [['keys', 'create', '--label', 'a\u0007b'], '--label takes'],
    [['keys', 'list'], 'There is no database .inspan/inspan.db'],
    [['keys', 'revoke', 'key_1', '--database', 'gone.db'], 'There is no database gone.db'],
    [['keys', 'rotate', 'key_1', '--database', 'gone.db'], 'There is no database gone.db'],
    [['store', 'vacuum', '--database', 'gone.db'], 'There is no database gone.db'],
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
