import { findPrograms, installLine, startPostgres, startRedis, tellMissing } from './services/index.ts';

/**
 * Starts a real Postgres and a real Redis for tests and benches, until Ctrl-C. With `--check`, only says whether this
 * machine has them.
 */
const missing = tellMissing(findPrograms());
if (missing.length > 0) {
  console.error(`Missing: ${missing.join('; ')}.\nOn Debian or Ubuntu: ${installLine}`);
  process.exitCode = 1;
} else if (process.argv.includes('--check')) {
  console.log('Postgres and Redis are here.');
} else {
  await serve();
}

async function serve(): Promise<void> {
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  console.log(`export INSPAN_TEST_POSTGRES=${postgres.url}`);
  console.log(`export INSPAN_TEST_REDIS=${redis.url}`);
  console.log('# Both run, and keep nothing, until Ctrl-C.');
  const waiting = setInterval(() => {}, 2 ** 30);
  const stop = async (): Promise<void> => {
    clearInterval(waiting);
    await Promise.all([postgres.stop(), redis.stop()]);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
}
