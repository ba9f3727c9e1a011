import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createClient } from '../../client/index.ts';
import { systemClock } from '../../clock.ts';
import { runCommandLine } from '../commands.ts';
import { type CapturedIo, createCapturedIo, openTestDesk, type TestDesk } from '../testing.ts';

let desk: TestDesk;
beforeAll(async () => {
  desk = await openTestDesk();
});
afterAll(async () => await desk.close());

/** A process in which time passes: jobs run in it. */
function process(environment: Readonly<Record<string, string>> = {}): CapturedIo {
  const io = createCapturedIo({
    directory: desk.directory,
    environment: { INSPAN_MODEL: 'offline', ...environment },
  });
  return { ...io, clock: systemClock };
}

async function said(environment: Readonly<Record<string, string>>, ...typed: readonly string[]) {
  const io = process(environment);
  const exit = await runCommandLine(typed, io);
  return { exit, out: io.stdout(), err: io.stderr() };
}

/** Begins a server; `stop` is Ctrl-C, and gives its exit code. */
async function begin(): Promise<{ readonly url: string; readonly stop: () => Promise<number> }> {
  const began = Promise.withResolvers<string>();
  const io = process();
  const serving = runCommandLine(['serve', 'kit', '--port', '0', '--json'], {
    ...io,
    print: (text) => began.resolve(text),
  });
  onTestFinished(() => io.interrupt());
  const ended = serving.then((exit) => `ended with ${exit}: ${io.stderr()}`);
  const { url } = JSON.parse(await Promise.race([began.promise, ended])) as { readonly url: string };
  return {
    url,
    stop: async () => {
      io.interrupt();
      return await serving;
    },
  };
}

const request = { team: 'kit', params: { platforms: ['x'] } };
const options = { files: { 'source.md': '# Harness\n\nA harness runs agents. It costs 5 dollars.\n' } };

describe('inspan serve', () => {
  it('takes a job, runs it, shows it, and knows it still when it was begun again', async () => {
    const first = await begin();
    const { id } = await createClient({ url: first.url }).jobs.create(request, options);
    const watched = await said({ INSPAN_URL: first.url }, 'jobs', 'watch', id);
    expect(watched).toMatchObject({ exit: 0, err: '' });
    expect(watched.out).toContain('x-writer: wrote drafts/x.md');
    expect(watched.out).toContain(`${id} succeeded`);
    const replayed = await said({ INSPAN_URL: first.url }, 'jobs', 'replay', id);
    expect(replayed.out).toMatch(/steps replayed, the same/);
    expect(await first.stop()).toBe(0);
    const second = await begin();
    const shown = await said({ INSPAN_URL: second.url }, 'jobs', 'show', id);
    expect(shown.out).toMatch(/review\.md +\d+ bytes/);
    expect(await second.stop()).toBe(0);
  });

  it('that only takes jobs promises no time to running ones when it ends', async () => {
    const began = Promise.withResolvers<string>();
    const io = process();
    const typed = [
      'serve',
      'kit',
      '--port',
      '0',
      '--no-worker',
      '--allow-origin',
      'https://app.example.org',
      '--json',
    ];
    const serving = runCommandLine(typed, { ...io, print: (text) => began.resolve(text) });
    onTestFinished(() => io.interrupt());
    const { url } = JSON.parse(await began.promise) as { readonly url: string };
    const { headers } = await fetch(`${url}/healthz`, { headers: { origin: 'https://app.example.org' } });
    expect(headers.get('access-control-allow-origin')).toBe('https://app.example.org');
    io.interrupt();
    expect(await serving).toBe(0);
    expect(io.stderr()).not.toContain('30 s');
  });

  it('asks for a key once one was made: before it begins in the database, afterwards through itself', async () => {
    expect(await said({}, 'keys', 'create')).toMatchObject({
      exit: 2,
      err: expect.stringMatching(/^inspan: No key of scope admin works here/),
    });
    const made = await said({}, 'keys', 'create', '--scope', 'admin', '--label', 'first');
    expect(made).toMatchObject({ exit: 0, out: expect.stringMatching(/^ik_\S{43}\n$/) });
    expect(made.err).toContain('in the database .inspan/inspan.db');
    const { url, stop } = await begin();
    expect(await said({}, 'keys', 'create')).toMatchObject({
      exit: 2,
      err: expect.stringMatching(/^inspan: A server uses this database file\. .*--url.*\n$/),
    });
    expect(await said({ INSPAN_URL: url }, 'jobs', 'list')).toMatchObject({ exit: 2, out: '' });
    const key = made.out.trim();
    const second = await said({ INSPAN_URL: url, INSPAN_KEY: key }, 'keys', 'create', '--label', 'second');
    expect(second).toMatchObject({ exit: 0, err: expect.stringContaining(`in the server at ${url}`) });
    const broken = await said({ INSPAN_URL: url, INSPAN_KEY: 'ik_a\nb' }, 'jobs', 'list');
    expect(broken).toMatchObject({
      exit: 2,
      err: expect.stringMatching(/^inspan: INSPAN_KEY is no API key/),
    });
    expect(broken.err).not.toContain('ik_a');
    const listed = await said({ INSPAN_URL: url, INSPAN_KEY: key }, 'keys', 'list');
    expect(listed.out.trim().split('\n')).toHaveLength(2);
    expect(listed.out).not.toContain(key);
    expect(await stop()).toBe(0);
  });
});

describe('the command for a first job', () => {
  it('works as it is copied, in an empty folder', async () => {
    const io = process();
    const began = Promise.withResolvers<string>();
    const print = (text: string): void => began.resolve(text);
    const serving = runCommandLine(['serve', 'kit', '--port', '0', '--database', 'first.db'], {
      ...io,
      print,
    });
    onTestFinished(() => io.interrupt());
    const command = (await began.promise).split('\n').find((line) => line.startsWith('  curl ')) ?? '';
    const { stdout } = await promisify(execFile)('sh', ['-c', `${command} --silent`], { cwd: tmpdir() });
    expect(JSON.parse(stdout)).toMatchObject({ team: 'kit', state: 'queued' });
    io.interrupt();
    expect(await serving).toBe(0);
  });
});

describe('what is kept', () => {
  it('can be brought up to date, copied, lost, restored and cleared up', async () => {
    const place = ['--database', 'kept.db'];
    expect((await said({}, 'migrate', '--dry-run', ...place)).exit).toBe(0);
    expect((await said({}, 'migrate', ...place)).out).toMatch(/^Changes made/);
    expect((await said({}, 'migrate', ...place)).out).toBe('kept.db is up to date.\n');
    await said({}, 'keys', 'create', '--scope', 'admin', '--label', 'kept', ...place);
    expect((await said({}, 'store', 'backup', 'copy.db', ...place)).out).toContain('is copied to copy.db');
    expect((await said({}, 'store', 'backup', 'copy.db', ...place)).err).toMatch(/^inspan: copy\.db: .*\n$/);
    await said({}, 'keys', 'create', '--label', 'lost', ...place);
    const refused = await said({}, 'store', 'restore', 'copy.db', ...place);
    expect(refused).toMatchObject({ exit: 2, err: expect.stringContaining('--replace') });
    expect((await said({}, 'store', 'restore', 'copy.db', '--replace', ...place)).exit).toBe(0);
    const { out } = await said({}, 'keys', 'list', ...place);
    expect(out).toContain('kept');
    expect(out).not.toContain('lost');
    expect((await said({}, 'store', 'vacuum', '--dry-run', ...place)).out).toMatch(
      /^0 jobs .* would go\.\n$/,
    );
  });
});
