import { climbs, fail, ok, type Result, type Run, together, weightiest } from '../../core/index.ts';
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
  const failure = weightiest(failures);
  return failure === null ? ok(undefined) : { ok: false, failure };

  async function afterProviders(member: AgentDefinition, own: Run): Promise<Result<unknown>> {
    const waitedFor = (providers.get(member.name) ?? []).map(
      async ({ name }) => await runs.get(name)?.promise,
    );
    const failed = (await Promise.all(waitedFor)).flatMap((each) =>
      each === undefined || each.ok ? [] : [each.failure],
    );
    // Verification runs on what is there, unless what is missing may still come when the job is taken up again.
    const failure = weightiest(member.last ? failed.filter(({ code }) => climbs(code)) : failed);
    if (failure === null) return await runNamed(member.name, parts, own);
    if (failure.code !== 'parked')
      own.emit({ type: 'agent-skipped', agent: member.name, reason: 'what it reads could not be written' });
    return { ok: false, failure };
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
  if (ended.failure.code === 'parked') return ended;
  return { ok: false, failure: { ...ended.failure, message: `${name} failed: ${ended.failure.message}` } };
}
