import { climbs, type Failure, failure, type JobRecord, type RunStore } from '../../core/index.ts';
import { eventsAfter } from './stored-events.ts';

/**
 * Refuses to retry a job that failed of what it has recorded: a retry would only read the same answers again. Names the
 * step to fork it at instead; null where a retry may help.
 */
export async function refusedRetry(runs: RunStore, job: JobRecord): Promise<Failure | null> {
  const { id, state, failure: why } = job;
  if (state !== 'failed' || why === null || climbs(why.code)) return null;
  const agent = await failedAgent(runs, id, why.code);
  const step = agent === null ? null : await lastReply(runs, id, agent);
  if (step === null) return null;
  return failure(
    'wrong-state',
    `Job ${id} failed of what it has recorded (${why.code}), so a retry would end the same way. Fork it at step ${step}: from there on it is done anew.`,
  );
}

/** Key of the agent run that ended with a failure last; null where none did. */
async function failedAgent(runs: RunStore, id: string, code: string): Promise<string | null> {
  let key: string | null = null;
  for await (const page of eventsAfter(runs, id, 0)) {
    for (const event of page) {
      if (event.type === 'agent-ended' && event.outcome === 'failed' && event.code === code) key = event.key;
    }
  }
  return key;
}

/** How many steps are read at a time. */
const pageSize = 500;

/** Key of the last reply of a model in an agent run: what decided how it ended. */
async function lastReply(runs: RunStore, id: string, agent: string): Promise<string | null> {
  let key: string | null = null;
  for (let after = 0; ; ) {
    const page = await runs.steps(id, after, pageSize);
    for (const { record } of page) {
      const isReply = record.kind === 'model' && record.type === 'done';
      if (isReply && record.key.startsWith(`${agent}/turn-`)) key = record.key;
    }
    if (page.length < pageSize) return key;
    after = page.at(-1)?.seq ?? after;
  }
}
