import { type Failure, ok, type Result, type Run } from '../../core/index.ts';
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
  const runs = new Map<string, Promise<Result<unknown>>>();
  // Providers stand before their readers, so what a member waits for has always been started.
  for (const member of asked) runs.set(member.name, afterProviders(member));
  const ended = await Promise.all(asked.map(async ({ name }) => await started(name)));
  const failures = ended.flatMap((each) => (each.ok ? [] : [each.failure]));
  return failures.length === 0 ? ok(undefined) : { ok: false, failure: worst(failures) };

  async function afterProviders(member: AgentDefinition): Promise<Result<unknown>> {
    const before = await Promise.all((providers.get(member.name) ?? []).map(({ name }) => started(name)));
    const blocked = before.find((each) => !each.ok);
    if (blocked !== undefined && !member.last) {
      run.emit({ type: 'agent-skipped', agent: member.name, reason: 'what it reads could not be written' });
      return blocked;
    }
    return await runNamed(member.name, parts, run);
  }

  function started(name: string): Promise<Result<unknown>> {
    const promise = runs.get(name);
    if (promise === undefined) throw new Error(`${name} is waited for but was never started`);
    return promise;
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
  const { code, message } = ended.failure;
  return { ok: false, failure: { ...ended.failure, code, message: `${name} failed: ${message}` } };
}

/** One reason stands for all: cancellation explains the others, else the first in plan order. */
function worst(failures: readonly Failure[]): Failure {
  const [first] = failures;
  if (first === undefined) throw new Error('A failed plan has at least one failure');
  return failures.find(({ code }) => code === 'cancelled') ?? first;
}
