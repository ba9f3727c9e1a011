import type { TestProject } from 'vitest/node';
import {
  findPrograms,
  installLine,
  type Service,
  startPostgres,
  startRedis,
  tellMissing,
} from '../../scripts/services/index.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of a real Postgres in which tests make databases; null where this machine has none. */
    readonly postgres: string | null;
    /** Address of a real Redis; null where this machine has none. */
    readonly redis: string | null;
  }
}

/**
 * Brings tests a real Postgres and a real Redis: those the environment names, else its own, ended with the run.
 * `INSPAN_TEST_SERVICES=required` stops the run where one is missing: there its tests may not be left out.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { INSPAN_TEST_POSTGRES: postgres, INSPAN_TEST_REDIS: redis } = process.env;
  const programs = findPrograms();
  const missing = tellMissing({
    postgres: postgres ?? programs.postgres,
    redis: redis ?? programs.redis,
  });
  if (missing.length > 0 && process.env['INSPAN_TEST_SERVICES'] === 'required') {
    throw new Error(`Missing: ${missing.join('; ')}. On Debian or Ubuntu: ${installLine}`);
  }
  const started = await Promise.all([
    postgres === undefined && programs.postgres !== null ? startPostgres() : null,
    redis === undefined && programs.redis !== null ? startRedis() : null,
  ]);
  project.provide('postgres', postgres ?? started[0]?.url ?? null);
  project.provide('redis', redis ?? started[1]?.url ?? null);
  const running: readonly Service[] = started.filter((service) => service !== null);
  return async () => {
    await Promise.all(running.map((service) => service.stop()));
  };
}
