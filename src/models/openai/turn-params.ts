import type { Message } from '../../core/index.ts';
import { type ConversationTurn, turnsOf } from '../wire/conversation.ts';

/** A turn and how the wire writes it, without cache marks. */
export interface WrittenTurn<Param> {
  readonly turn: ConversationTurn;
  readonly params: readonly Param[];
}

/** Writes conversations; each message once, because the same objects come back in every request of a lane. */
export function createTurnWriter<Param>(
  write: (turn: ConversationTurn) => readonly Param[],
): (messages: readonly Message[]) => readonly WrittenTurn<Param>[] {
  const written = new WeakMap<Message, readonly WrittenTurn<Param>[]>();

  function together(messages: readonly Message[]): readonly WrittenTurn<Param>[] {
    return turnsOf(messages).map((turn) => ({ turn, params: write(turn) }));
  }

  function alone(message: Message): readonly WrittenTurn<Param>[] {
    const known = written.get(message);
    if (known !== undefined) return known;
    const turns = together([message]);
    written.set(message, turns);
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

function groupsOf(messages: readonly Message[]): readonly (readonly Message[])[] {
  const groups: Message[][] = [];
  for (const message of messages) {
    const before = groups.at(-1);
    if (message.role === 'user' && before?.[0]?.role === 'user') before.push(message);
    else groups.push([message]);
  }
  return groups;
}
