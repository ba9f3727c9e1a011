import { join } from 'node:path';
import { type Failure, failure, InspanError } from '../../core/index.ts';
import type { Inspan } from '../../inspan.ts';
import type { Team } from '../../team/index.ts';
import type { Arguments, OptionSpec } from '../arguments.ts';
import type { Io } from '../io.ts';
import { loadTeamAt } from '../load-team.ts';
import { ownPrices } from '../models/prices-file.ts';
import { kindOf } from '../paths.ts';
import { databaseOption, redisOf, redisOption, type Storage, storageOf } from './storage.ts';

/** Jobs wait for models most of the time: one process holds many of them. */
const concurrencyUsual = 32;

/** Three missed beats: a short pause of a machine or a network is survived. */
const leaseSecondsUsual = 10;

/** The options that servers and workers have in common. */
export const serviceOptions: Readonly<Record<string, OptionSpec>> = Object.freeze({
  database: databaseOption,
  redis: redisOption,
  concurrency: {
    value: '<number>',
    purpose: `How many jobs run at once in this process. Default: ${concurrencyUsual}.`,
  },
  'tenant-jobs': {
    value: '<number>',
    purpose: 'How many jobs of one tenant run at once, over all workers. Default: no limit.',
  },
  lease: {
    value: '<seconds>',
    purpose: `How long a silent worker is believed to be alive. Default: ${leaseSecondsUsual}.`,
  },
  model: { value: '<id>', purpose: 'One model for all agents: provider/name, or offline.' },
  'private-webhooks': {
    value: null,
    purpose: 'Webhooks may go to this machine and its private networks, too.',
  },
  'changed-tools': {
    value: 'finish|fail',
    purpose: 'What jobs do whose tools’ code has changed meanwhile. Default: finish, and say so.',
  },
});

/** What a server or a worker is told by its command line. */
export interface ServiceSettings {
  readonly storage: Storage;
  readonly redis: string | null;
  readonly concurrency: number;
  readonly tenantJobs: number | null;
  readonly leaseMs: number;
  readonly model: string | null;
  readonly changedTools: 'finish' | 'fail';
  readonly privateWebhooks: boolean;
}

/** Reads the options that servers and workers have in common. */
export function settingsOf(given: Arguments, io: Io): ServiceSettings {
  const { values } = given;
  const changed = values['changed-tools']?.[0] ?? 'finish';
  if (changed !== 'finish' && changed !== 'fail') {
    throw wrong(`--changed-tools is ${changed}: write finish or fail.`);
  }
  return {
    storage: storageOf(given, io),
    redis: redisOf(given, io),
    concurrency: numberOf(given, 'concurrency', { usual: concurrencyUsual, min: 1, max: 10_000 }),
    tenantJobs:
      values['tenant-jobs'] === undefined
        ? null
        : numberOf(given, 'tenant-jobs', { usual: 1, min: 1, max: 1_000_000 }),
    leaseMs: numberOf(given, 'lease', { usual: leaseSecondsUsual, min: 1, max: 3_600 }) * 1_000,
    model: values['model']?.[0] ?? null,
    changedTools: changed,
    privateWebhooks: given.flags.has('private-webhooks'),
  };
}

interface Range {
  readonly usual: number;
  readonly min: number;
  readonly max: number;
}

/** Reads an option that is a whole number. */
export function numberOf({ values }: Arguments, name: string, { usual, min, max }: Range): number {
  const typed = values[name]?.[0];
  if (typed === undefined) return usual;
  const number = Number(typed);
  if (/^\d+$/.test(typed) && number >= min && number <= max) return number;
  throw wrong(`--${name} is ${typed}: write a number from ${min} to ${max}.`);
}

/** Makes the Inspan that a service runs on. */
export async function inspanFor({ model }: Pick<ServiceSettings, 'model'>, io: Io): Promise<Inspan> {
  return io.createInspan({
    prices: await ownPrices(io),
    environment: io.environment,
    clock: io.clock,
    ...(model === null ? {} : { model }),
  });
}

/** Loads the teams of a service, this folder where none is named; tells the mistakes of all of them. */
export async function loadTeams(typed: readonly string[], inspan: Inspan, io: Io): Promise<readonly Team[]> {
  const folders = typed.length === 0 ? [await ownFolder(io)] : typed;
  const teams: Team[] = [];
  const failures: Failure[] = [];
  for (const folder of folders) {
    try {
      teams.push(await loadTeamAt(folder, inspan, io));
    } catch (error) {
      if (!(error instanceof InspanError)) throw error;
      failures.push(...error.failures);
    }
  }
  if (failures.length > 0) throw new InspanError(failures);
  return teams;
}

async function ownFolder({ directory }: Io): Promise<string> {
  const [agents, settings] = await Promise.all([
    kindOf(join(directory, 'agents')),
    kindOf(join(directory, 'team.yaml')),
  ]);
  if (agents === 'folder' || settings === 'file') return '.';
  throw wrong('This folder is no team. Name one or more: inspan serve <folder>. A first one: inspan init.');
}

function wrong(message: string): InspanError {
  return new InspanError([failure('wrong-input', message)]);
}
