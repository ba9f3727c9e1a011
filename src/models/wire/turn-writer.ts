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
  const written = new WeakMap<Message['blocks'], WrittenTurn<Param> | null>();

  /** Messages of one side; null where they say nothing. */
  function together(messages: readonly Message[]): WrittenTurn<Param> | null {
    const [turn] = turnsOf(messages);
    return turn === undefined ? null : { turn, params: write(turn) };
  }

  function alone(message: Message): WrittenTurn<Param> | null {
    const known = written.get(message.blocks);
    if (known !== undefined) return known === null ? null : withMarkOf(message, known);
    const own = together([message]);
    written.set(message.blocks, own);
    return own;
  }

  return (messages) => {
    const turns: WrittenTurn<Param>[] = [];
    let firstOfUser: number | null = null;
    for (let at = 0; at < messages.length; at += 1) {
      const message = messages[at] as Message;
      let turn = alone(message);
      if (turn === null) continue;
      if (message.role === 'assistant') firstOfUser = null;
      else if (firstOfUser === null) firstOfUser = at;
      else {
        // Neighbouring user messages are one turn, so only together can they be written.
        turn = together(messages.slice(firstOfUser, at + 1)) ?? turn;
        turns.pop();
      }
      turns.push(turn);
    }
    return turns;
  };
}

function withMarkOf<Param>(message: Message, written: WrittenTurn<Param>): WrittenTurn<Param> {
  const { turn, params } = written;
  if (message.role !== 'user' || turn.role !== 'user') return written;
  const { cacheMark = null } = message;
  return turn.cacheMark === cacheMark ? written : { turn: { ...turn, cacheMark }, params };
}
