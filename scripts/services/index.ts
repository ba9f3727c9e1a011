export { startPostgres } from './postgres.ts';
export { findPrograms, installLine, type Programs, tellMissing } from './programs.ts';
export { type RedisService, startRedis } from './redis.ts';
export type { Service } from './server.ts';
