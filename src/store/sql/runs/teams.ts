import type { Json, RunStore, StoredTeam } from '../../../core/index.ts';
import type { RunParts } from './parts.ts';

/** Makes the calls that keep definitions. */
export function createTeams({ database }: RunParts): Pick<RunStore, 'keepTeam' | 'team'> {
  return {
    async keepTeam(digest, { name, definition, toolCode }) {
      const at = database.now();
      const row = { name, definition: JSON.stringify(definition), tool_code: JSON.stringify(toolCode) };
      await database.write(async (transaction) => {
        await transaction
          .insertInto('teams')
          .values({ digest, ...row, at })
          // What is kept stays as it is, and is young again: a job is about to name it.
          .onConflict((conflict) => conflict.column('digest').doUpdateSet({ at }))
          .execute();
      });
    },
    async team(digest) {
      const row = await database.read
        .selectFrom('teams')
        .selectAll()
        .where('digest', '=', digest)
        .executeTakeFirst();
      if (row === undefined) return null;
      return {
        name: row.name,
        definition: JSON.parse(row.definition) as Json,
        toolCode: JSON.parse(row.tool_code) as StoredTeam['toolCode'],
      };
    },
  };
}
