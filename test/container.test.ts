import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import picomatch from 'picomatch';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '..');
const read = async (name: string): Promise<string> => await readFile(join(root, name), 'utf8');

const dockerfile = (await read('Dockerfile'))
  .replaceAll('\\\n', ' ')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const [word = '', ...rest] = line.trim().split(/\s+/);
    return { word, rest: rest.join(' ') };
  });
const stages = dockerfile.filter(({ word }) => word === 'FROM');
const last = dockerfile.slice(dockerfile.lastIndexOf(stages.at(-1) ?? { word: '', rest: '' }));
const said = (word: string): string => last.find((each) => each.word === word)?.rest ?? '';

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly ports?: readonly string[];
  readonly restart?: string;
  readonly deploy?: { readonly replicas: number };
  readonly stop_grace_period?: string;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly volumes?: readonly string[];
  readonly read_only?: boolean;
}

const compose = parse(await read('compose.yaml'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};
const { services } = compose;
const own = ['server', 'worker', 'migrate'].map((name) => services[name]);

describe('the image', () => {
  it('runs on the major version of Node that the project is built and tested on', async () => {
    const { devDependencies } = JSON.parse(await read('package.json')) as {
      readonly devDependencies: { readonly node: string };
    };
    const [major] = devDependencies.node.split('.');
    expect(stages.map(({ rest }) => rest.split(' ')[0])).toEqual(stages.map(() => `node:${major}-slim`));
  });

  it('runs as nobody special, in a folder whose data outlive it', () => {
    expect(said('USER')).toBe('node');
    expect(said('VOLUME')).toBe('/data');
    expect(said('ENV')).toContain('INSPAN_DATABASE=/data/');
  });

  it('holds what was built and what that needs, and nothing else', () => {
    const copied = last.filter(({ word }) => word === 'COPY').map(({ rest }) => rest);
    expect(copied).toEqual([
      'package.json LICENSE ./',
      'schema schema',
      'templates templates',
      '--from=packages /app/node_modules node_modules',
      '--from=build /app/dist dist',
    ]);
    expect(dockerfile.filter(({ rest }) => rest.includes('npm ci')).map(({ rest }) => rest)).toEqual([
      'npm ci --ignore-scripts',
      expect.stringContaining('--omit=dev'),
    ]);
  });

  it('starts the command that package.json names', async () => {
    const { bin } = JSON.parse(await read('package.json')) as { readonly bin: { readonly inspan: string } };
    expect(JSON.parse(said('ENTRYPOINT'))).toEqual(['node', join('/app', bin.inspan)]);
  });

  it('asks a path that servers have, on the port that they take, whether it lives', () => {
    expect(said('HEALTHCHECK')).toContain(`http://127.0.0.1:${said('EXPOSE')}/healthz`);
    expect(said('EXPOSE')).toBe('7420');
  });

  it('is built of files that are there, and that its builder is given', async () => {
    const rules = (await read('.dockerignore'))
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    const isGiven = picomatch(rules.filter((rule) => rule.startsWith('!')).map((rule) => rule.slice(1)));
    const sources = dockerfile
      .filter(({ word, rest }) => word === 'COPY' && !rest.startsWith('--from'))
      .flatMap(({ rest }) => rest.split(' ').slice(0, -1));
    expect(sources.filter((path) => !existsSync(join(root, path)) || !isGiven(path))).toEqual([]);
    expect(rules[0]).toBe('*');
  });
});

describe('the composition', () => {
  it('has a database, a cache, a server and several workers, and brings the tables up to date first', () => {
    expect(Object.keys(services)).toEqual(['server', 'worker', 'migrate', 'postgres', 'redis']);
    expect(services['worker']?.deploy?.replicas).toBeGreaterThan(1);
    expect(services['migrate']?.restart).toBe('no');
    for (const name of ['server', 'worker']) {
      expect(services[name]?.depends_on?.['migrate']?.condition).toBe('service_completed_successfully');
    }
  });

  it('opens no port but to this machine, and none but the server’s', () => {
    const ports = Object.entries(services).flatMap(([name, { ports: open = [] }]) =>
      open.map((port) => [name, port]),
    );
    expect(ports).toEqual([['server', expect.stringMatching(/^127\.0\.0\.1:.*:7420$/)]]);
  });

  it('gives jobs more time to finish than draining takes', () => {
    for (const service of own)
      expect(Number.parseInt(service?.stop_grace_period ?? '', 10)).toBeGreaterThan(30);
  });

  it('holds no secret: they come from the environment', () => {
    const values = Object.values(services).flatMap(({ environment = {} }) => Object.entries(environment));
    const secrets = values.filter(([name]) => /KEY|PASSWORD|DATABASE/.test(name)).map(([, value]) => value);
    expect(secrets.length).toBeGreaterThan(4);
    for (const value of secrets) expect(value ?? '${').toMatch(/\$\{/);
  });

  it('knows of everything whether it lives', () => {
    for (const name of ['postgres', 'redis'])
      expect(services[name]?.healthcheck?.test?.length).toBeGreaterThan(1);
    expect(services['server']?.healthcheck).toBeUndefined();
    expect(services['worker']?.healthcheck).toEqual({ disable: true });
  });

  it('lets nothing of ours write but where data belong', () => {
    for (const service of own) expect(service?.read_only).toBe(true);
    expect(services['postgres']?.volumes).toEqual(['postgres:/var/lib/postgresql/data']);
    expect(Object.keys(compose.volumes)).toEqual(['postgres']);
  });

  it('calls commands that there are, with options that they take', async () => {
    const commands = await read('src/cli/commands.ts');
    for (const service of own) expect(commands).toContain(`spec: ${service?.command?.[0]}Spec`);
  });
});
