import type { Readable } from 'node:stream';
import { brokenAnswer } from './transport-error.ts';

/** Bytes that may wait for a reader before the server is asked to pause: one generous event of a stream. */
const waitingBytesMax = 1_048_576;

/** What a reader may leave unread for the connection to be kept: more than any error, less than an answer. */
const drainBytesMax = 65_536;

/** Where the bytes of an answer come from. */
export interface BodySource {
  readonly bytes: Readable;
  /** Ends the connection's part in it at once. */
  hangUp(): void;
  /** Called once, when no more bytes will come: at the end or at a failure. */
  settled(): void;
}

/** The bytes of an answer, read once. All that has arrived is handed over in one piece. */
export class AnswerBody implements AsyncIterator<Uint8Array, undefined> {
  readonly #source: BodySource;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #ended = false;
  #failure: { readonly error: unknown } | null = null;
  #drained: number | null = null;
  #reader: {
    resolve(result: IteratorResult<Uint8Array, undefined>): void;
    reject(error: unknown): void;
  } | null = null;

  constructor(source: BodySource) {
    this.#source = source;
    const { bytes } = source;
    bytes.on('data', (chunk: Uint8Array) => this.#push(chunk));
    bytes.on('end', () => this.#end());
    bytes.on('error', (error: unknown) => this.fail(brokenAnswer(error)));
    bytes.on('close', () => this.#close());
  }

  #isSettled(): boolean {
    return this.#ended || this.#failure !== null;
  }

  /** Both versions of HTTP may close a cut answer without an error. */
  #close(): void {
    if (this.#isSettled()) return;
    this.fail(brokenAnswer(new Error('The connection closed in the middle of the answer')));
  }

  /** Ends the reading with an error, and the connection with it. */
  fail(error: unknown): void {
    if (this.#isSettled()) return;
    this.#failure = { error };
    this.#waiting = [];
    this.#reader?.reject(error);
    this.#reader = null;
    this.#source.hangUp();
    this.#source.settled();
  }

  /** All bytes, from here to the end. */
  async rest(): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    for (let next = await this.next(); next.done !== true; next = await this.next()) chunks.push(next.value);
    const [first] = chunks;
    if (chunks.length === 1 && Buffer.isBuffer(first)) return first;
    return Buffer.concat(chunks);
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#failure !== null) return Promise.reject(this.#failure.error);
    if (this.#waiting.length > 0) return Promise.resolve({ done: false, value: this.#take() });
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  /** The reader wants no more. What little is still to come is let in, so that the connection can be used again. */
  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#waiting = [];
    this.#drained = 0;
    this.#source.bytes.resume();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): AnswerBody {
    return this;
  }

  #push(chunk: Uint8Array): void {
    if (this.#failure !== null) return;
    if (this.#drained !== null) {
      this.#drain(chunk);
      return;
    }
    if (this.#reader !== null) {
      this.#reader.resolve({ done: false, value: chunk });
      this.#reader = null;
      return;
    }
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.byteLength;
    if (this.#waitingBytes > waitingBytesMax) this.#source.bytes.pause();
  }

  #drain(chunk: Uint8Array): void {
    this.#drained = (this.#drained ?? 0) + chunk.byteLength;
    if (this.#drained > drainBytesMax) this.fail(new Error('Nobody reads this answer'));
  }

  #take(): Uint8Array {
    const chunks = this.#waiting;
    if (this.#waitingBytes > waitingBytesMax) this.#source.bytes.resume();
    this.#waiting = [];
    this.#waitingBytes = 0;
    return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
  }

  #end(): void {
    if (this.#isSettled()) return;
    this.#ended = true;
    this.#reader?.resolve({ done: true, value: undefined });
    this.#reader = null;
    this.#source.settled();
  }
}
