import { connect } from 'node:net';

/** Connections to one server that are kept: what a request costs here must not be taken for the server's. */
export interface Connections {
  /** Sends bytes made before; resolves when the answer is there, rejects where it is no success. */
  send(request: Buffer): Promise<void>;
  close(): void;
}

interface Sent {
  readonly request: Buffer;
  readonly answer: PromiseWithResolvers<void>;
}

interface Connection {
  send(sent: Sent): void;
  close(): void;
}

/** Open at once: whoever comes when all are busy waits in line. */
const connectionsMax = 256;

/** Opens connections as they are needed. Each has one request under way, and the one used last goes first. */
export function openConnections(to: URL): Connections {
  const all = new Set<Connection>();
  const idle: Connection[] = [];
  const inLine: Sent[] = [];
  const send = (sent: Sent): void => {
    const connection = idle.pop() ?? (all.size < connectionsMax ? open() : null);
    if (connection === null) inLine.push(sent);
    else connection.send(sent);
  };
  const open = (): Connection => {
    const connection = openConnection(to, {
      isFree() {
        idle.push(connection);
        const next = inLine.shift();
        if (next !== undefined) send(next);
      },
      isClosed(unanswered) {
        all.delete(connection);
        const place = idle.indexOf(connection);
        if (place >= 0) idle.splice(place, 1);
        const next = unanswered ?? inLine.shift();
        if (next !== undefined) send(next);
      },
    });
    all.add(connection);
    return connection;
  };
  return {
    send(request) {
      const answer = Promise.withResolvers<void>();
      send({ request, answer });
      return answer.promise;
    },
    close() {
      for (const connection of all) connection.close();
    },
  };
}

interface Told {
  isFree(): void;
  /** `unanswered`: what has to be sent again. */
  isClosed(unanswered: Sent | null): void;
}

function openConnection({ hostname, port }: URL, { isFree, isClosed }: Told): Connection {
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  let sent: Sent | null = null;
  let received: Buffer | null = null;
  let wasUsed = false;
  let problem = new Error('The server closed a connection in the middle of an answer');
  socket.on('data', (chunk) => {
    received = received === null ? chunk : Buffer.concat([received, chunk]);
    const answer = readAnswer(received);
    if (answer === null) return;
    const { status } = answer;
    if (status < 300) sent?.answer.resolve();
    else sent?.answer.reject(new Error(`A request was answered with ${status}`));
    sent = null;
    received = null;
    wasUsed = true;
    isFree();
  });
  socket.on('error', (error) => {
    problem = error;
  });
  socket.on('close', () => {
    // A server may close a connection that has been idle just as it is used again: then another one is tried.
    const isToBeSentAgain = wasUsed && received === null;
    if (!isToBeSentAgain) sent?.answer.reject(problem);
    isClosed(isToBeSentAgain ? sent : null);
  });
  return {
    send(next) {
      sent = next;
      socket.write(next.request);
    },
    close: () => socket.destroy(),
  };
}

/** Reads an answer that says how long it is; null while it is not whole. */
function readAnswer(bytes: Buffer): { readonly status: number } | null {
  const headSize = bytes.indexOf('\r\n\r\n') + 4;
  if (headSize < 4) return null;
  const head = bytes.toString('latin1', 0, headSize);
  const size = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (size === undefined) throw new Error(`An answer does not say how long it is: ${head}`);
  return bytes.length < headSize + Number(size) ? null : { status: Number(head.slice(9, 12)) };
}
