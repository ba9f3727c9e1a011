import type { ToolDefinition } from '../../core/index.ts';
import type { AgentDefinition } from '../team.ts';

/** A note is one or two sentences; content belongs in files. */
export const noteCharactersMax = 400;

/** Describes the delegate tool. Static: it names every member, also those that a brief does not ask for. */
export function delegateDefinition(members: readonly AgentDefinition[]): ToolDefinition {
  const lines = members.map(
    ({ name, description }) => `- ${name}: ${description.replace(/\s+/g, ' ').trim()}`,
  );
  const purpose =
    'Runs one member of the team and waits until it is done. The member finds its task by itself; ' +
    `note is for one sentence it could not know.\nMembers:\n${lines.join('\n')}`;
  return Object.freeze({
    name: 'delegate',
    purpose,
    inputSchema: inputSchema(members),
    effect: 'write' as const,
  });
}

function inputSchema(members: readonly AgentDefinition[]): ToolDefinition['inputSchema'] {
  return {
    type: 'object',
    properties: {
      agent: { type: 'string', enum: members.map(({ name }) => name), description: 'who is to run' },
      note: {
        type: 'string',
        maxLength: noteCharactersMax,
        description: 'optional; one sentence, never content',
      },
    },
    required: ['agent'],
    additionalProperties: false,
  };
}
