import type { Message } from '../../core/index.ts';
import { type ConversationTurn, turnsOf } from './conversation.ts';

/** A turn and how the wire writes it, without cache marks. */
export interface WrittenTurn<Param> {
  readonly turn: ConversationTurn;
  readonly params: readonly Param[];
}

/**
 * Writes conversations; each message once, because its blocks come back as the same array in every request of a lane.
 * The message itself may be another object: one that carries a mark now and none later.
 */
export function createTurnWriter<Param>(
  write: (turn: ConversationTurn) => readonly Param[],
): (messages: readonly Message[]) => readonly WrittenTurn<Param>[] {
  const written = new WeakMap<Message['blocks'], readonly WrittenTurn<Param>[]>();

  function together(messages: readonly Message[]): readonly WrittenTurn<Param>[] {
    return turnsOf(messages).map((turn) => ({ turn, params: write(turn) }));
  }

  function alone(message: Message): readonly WrittenTurn<Param>[] {
    const known = written.get(message.blocks);
    if (known !== undefined) return known.map((one) => withMarkOf(message, one));
    const turns = together([message]);
    written.set(message.blocks, turns);
    return turns;
  }

  return (messages) => {
    const spoken = messages.filter((message) => alone(message).length > 0);
    // Neighbouring user messages are one turn, so only together can they be written.
    return groupsOf(spoken).flatMap((group) => {
      const [first] = group;
      return group.length === 1 && first !== undefined ? alone(first) : together(group);
    });
  };
}

function withMarkOf<Param>(message: Message, written: WrittenTurn<Param>): WrittenTurn<Param> {
  const { turn, params } = written;
  if (message.role !== 'user' || turn.role !== 'user') return written;
  const { cacheMark = null } = message;
  return turn.cacheMark === cacheMark ? written : { turn: { ...turn, cacheMark }, params };
}

function groupsOf(messages: readonly Message[]): readonly (readonly Message[])[] {
  const groups: Message[][] = [];
  for (const message of messages) {
    const before = groups.at(-1);
    if (message.role === 'user' && before?.[0]?.role === 'user') before.push(message);
    else groups.push([message]);
  }
  return groups;
}
