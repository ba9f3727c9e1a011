import type {
  ReadableStreamReader,
  ReadableWritablePair,
  StreamPipeOptions,
  WritableStream,
} from 'node:stream/web';
import type { AnswerBody } from './body.ts';

/** Reads like a platform stream. Its iterator is the plain one; all else makes a real stream when it is first used. */
export class LightStream {
  readonly #answer: AnswerBody;
  #isRead = false;
  #platform: ReadableStream<Uint8Array> | null = null;

  constructor(answer: AnswerBody) {
    this.#answer = answer;
  }

  /** Whether somebody has begun to read. */
  get isRead(): boolean {
    return this.#isRead;
  }

  get locked(): boolean {
    return this.#platform?.locked ?? this.#isRead;
  }

  async cancel(reason?: unknown): Promise<void> {
    if (this.#platform === null) await this.values().return();
    else await this.#platform.cancel(reason);
  }

  getReader(options?: { readonly mode?: 'byob' }): ReadableStreamReader<Uint8Array> {
    return this.platform().getReader(options);
  }

  pipeThrough<T>(
    transform: ReadableWritablePair<T, Uint8Array>,
    options?: StreamPipeOptions,
  ): ReadableStream<T> {
    return this.platform().pipeThrough(transform, options);
  }

  pipeTo(destination: WritableStream<Uint8Array>, options?: StreamPipeOptions): Promise<void> {
    return this.platform().pipeTo(destination, options);
  }

  tee(): [ReadableStream<Uint8Array>, ReadableStream<Uint8Array>] {
    return this.platform().tee();
  }

  values(): AnswerBody {
    this.#isRead = true;
    return this.#answer;
  }

  [Symbol.asyncIterator](): AnswerBody {
    return this.values();
  }

  /** A real stream of the same bytes; from then on they are read there. */
  platform(): ReadableStream<Uint8Array> {
    this.#isRead = true;
    this.#platform ??= ReadableStream.from(this.#answer) as ReadableStream<Uint8Array>;
    return this.#platform;
  }
}
