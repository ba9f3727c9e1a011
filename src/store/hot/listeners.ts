/** Who listens to what in this process. */
export interface Listeners {
  /** True where nobody listened to the channel before. */
  add(channel: string, listener: Listener): boolean;
  /** True where nobody listens to the channel any more. */
  remove(channel: string, listener: Listener): boolean;
  /** Tells whoever listens, soon: never inside of the call. */
  tell(channel: string, message: string): void;
  has(channel: string): boolean;
  channels(): readonly string[];
}

/** Hears the messages of a channel. */
export type Listener = (message: string) => void;

/** Makes an empty list of listeners. */
export function createListeners(): Listeners {
  const listenersOf = new Map<string, Set<Listener>>();
  return {
    add(channel, listener) {
      const others = listenersOf.get(channel);
      others?.add(listener);
      if (others === undefined) listenersOf.set(channel, new Set([listener]));
      return others === undefined;
    },
    remove(channel, listener) {
      const listeners = listenersOf.get(channel);
      if (listeners?.delete(listener) !== true || listeners.size > 0) return false;
      return listenersOf.delete(channel);
    },
    tell(channel, message) {
      // Each in a turn of its own, so that a listener that throws keeps the message from nobody else.
      for (const listener of listenersOf.get(channel) ?? []) {
        queueMicrotask(() => {
          if (listenersOf.get(channel)?.has(listener) === true) listener(message);
        });
      }
    },
    has: (channel) => listenersOf.has(channel),
    channels: () => [...listenersOf.keys()],
  };
}
