import { climbs, type Failure, fail, ok, type Result, type Run, together } from '../../core/index.ts';
import type { AgentDefinition } from '../team.ts';
import type { DelegationParts } from './delegate.ts';
import { runMember } from './run-member.ts';

/** Runs the plan's members one after the other, by code. Stops at the first that fails. */
export async function runPipeline(parts: DelegationParts, run: Run): Promise<Result<void>> {
  for (const { name } of parts.plan.asked) {
    const ended = await runNamed(name, parts, run);
    if (!ended.ok) return ended;
  }
  return ok(undefined);
}

/**
 * Runs every member as soon as those it reads are done, by code. One that fails stops only those that need it;
 * verification needs everyone, but runs on what is there.
 */
export async function runParallel(parts: DelegationParts, run: Run): Promise<Result<void>> {
  const { asked, providers } = parts.plan;
  const runs = new Map(asked.map(({ name }) => [name, Promise.withResolvers<Result<unknown>>()]));
  // Each tells its readers how it ended, also when it throws; whoever waits for it then stops.
  const ended = await together(
    run.signal,
    asked.map((member) => async (signal) => {
      const own = runs.get(member.name);
      try {
        const result = await afterProviders(member, { ...run, signal });
        own?.resolve(result);
        return result;
      } catch (error) {
        own?.resolve(fail('cancelled', 'The job stopped.'));
        throw error;
      }
    }),
  );
  const failures = ended.flatMap((each) => (each.ok ? [] : [each.failure]));
  return failures.length === 0 ? ok(undefined) : { ok: false, failure: worst(failures) };

  async function afterProviders(member: AgentDefinition, own: Run): Promise<Result<unknown>> {
    const waitedFor = (providers.get(member.name) ?? []).map(
      async ({ name }) => await runs.get(name)?.promise,
    );
    const blocked = (await Promise.all(waitedFor)).find((each) => each !== undefined && !each.ok);
    // Verification runs on what is there, unless what is missing may still come when the job is taken up again.
    const stops = blocked !== undefined && !blocked.ok && (!member.last || climbs(blocked.failure.code));
    if (!stops) return await runNamed(member.name, parts, own);
    own.emit({ type: 'agent-skipped', agent: member.name, reason: 'what it reads could not be written' });
    return blocked;
  }
}

async function runNamed(
  name: string,
  { compiled, inputPaths }: DelegationParts,
  run: Run,
): Promise<Result<void>> {
  const member = compiled.members.get(name);
  if (member === undefined) throw new Error(`The plan names ${name}, whom the team does not have`);
  const ended = await runMember({ member, inputPaths, note: null, key: name }, run);
  if (ended.ok) return ok(undefined);
  return { ok: false, failure: { ...ended.failure, message: `${name} failed: ${ended.failure.message}` } };
}

/** One reason stands for all: cancellation explains the others, else the first in plan order. */
function worst(failures: readonly Failure[]): Failure {
  const [first] = failures;
  if (first === undefined) throw new Error('A failed plan has at least one failure');
  return failures.find(({ code }) => code === 'cancelled') ?? first;
}
