import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock as clock } from '../../../../test/setup/clock.ts';
import type { NewJob, Store } from '../../../core/index.ts';
import { backupSqlite, openSqliteStore, restoreSqlite } from '../open-store.ts';
import { whole } from '../scratch.ts';

const owner = { processId: process.pid, host: 'here' };
const opened: Store[] = [];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'inspan-test-'));
});

afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
  rmSync(folder, { recursive: true });
});

it('a store comes back from a backup that was made while it was in use', async () => {
  const store = await open('jobs.db');
  await accept(store, 'before');
  let goesOn = true;
  const writing = (async () => {
    for (let count = 0; goesOn; count++) await accept(store, `during-${count}`);
  })();
  whole(await backupSqlite(file('jobs.db'), file('backup.db')));
  goesOn = false;
  await writing;
  await accept(store, 'after');
  whole(await restoreSqlite(file('backup.db'), file('restored.db'), { clock, owner }));
  const restored = await open('restored.db');
  expect(await restored.runs.find('tenant', 'before')).toMatchObject({ id: 'before', state: 'queued' });
  expect(await restored.runs.brief('before')).toEqual({ text: 'before' });
  expect(await restored.runs.find('tenant', 'after')).toBe(null);
  // What it was before it goes on being: in line, and to be given to a worker.
  await restored.runs.enrol({ id: 'worker', concurrency: 1, leaseMs: 1000 });
  const claims = await restored.runs.claim('worker', { max: 1, ceilings: { others: null, tenants: {} } });
  expect(claims.map(({ job }) => job)).toEqual(['before']);
});

it('a backup never replaces a file, and leaves nothing half done', async () => {
  await (await open('jobs.db')).ping();
  writeFileSync(file('there.db'), 'dear diary');
  expect(await backupSqlite(file('jobs.db'), file('there.db'))).toMatchObject({
    failure: { code: 'wrong-config', message: expect.stringContaining('exists') },
  });
  expect(await backupSqlite(file('there.db'), file('new.db'))).toMatchObject({
    failure: { message: expect.stringContaining('no database of Inspan') },
  });
  expect(await backupSqlite(file('missing.db'), file('new.db'))).toMatchObject({
    failure: { message: expect.stringContaining('no such file') },
  });
  expect(readFileSync(file('there.db'), 'utf8')).toBe('dear diary');
  expect(readdirSync(folder).filter((name) => name.startsWith('new'))).toEqual([]);
});

it('restoring refuses a file that is in use, and one that exists unless told', async () => {
  const store = await open('jobs.db');
  await accept(store, 'old');
  whole(await backupSqlite(file('jobs.db'), file('backup.db')));
  await accept(store, 'new');
  const restore = (replace: boolean) =>
    restoreSqlite(file('backup.db'), file('jobs.db'), { clock, owner, replace });
  expect(await restore(true)).toMatchObject({ failure: { code: 'store-in-use' } });
  await opened.pop()?.close();
  expect(await restore(false)).toMatchObject({ failure: { code: 'wrong-config' } });
  whole(await restore(true));
  const again = await open('jobs.db');
  expect(await again.runs.find('tenant', 'old')).not.toBe(null);
  expect(await again.runs.find('tenant', 'new')).toBe(null);
});

function file(name: string): string {
  return join(folder, name);
}

async function open(name: string): Promise<Store> {
  const store = whole(await openSqliteStore(file(name), { clock, owner }));
  opened.push(store);
  return store;
}

async function accept({ runs }: Store, id: string): Promise<void> {
  const job: NewJob = {
    id,
    tenant: 'tenant',
    team: 'team',
    digest: 'digest',
    brief: { text: id },
    seeds: [],
    priority: 0,
    notBeforeMs: null,
    deadlineAtMs: null,
    idempotency: null,
    estimate: null,
    patch: null,
    labels: {},
    by: 'local',
  };
  await runs.accept(job);
}
