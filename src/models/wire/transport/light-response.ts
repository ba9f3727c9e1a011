import type { AnswerBody } from './body.ts';
import { LightStream } from './light-stream.ts';

/** What an answer says before its body. */
export interface ResponseHead {
  readonly url: string;
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
}

/** Statuses that never have a body (Fetch standard, "null body status"). */
const bodiless: ReadonlySet<number> = new Set([101, 103, 204, 205, 304]);

/** A `Response` that costs next to nothing: platform streams are only made for those who ask for one. */
export class LightResponse implements Response {
  readonly url: string;
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly ok: boolean;
  readonly redirected = false;
  readonly type = 'default';
  readonly #answer: AnswerBody;
  readonly #stream: LightStream;
  /** Made for the rare methods: from then on the body is read there. */
  #platform: Response | null = null;

  constructor({ url, status, statusText, headers }: ResponseHead, answer: AnswerBody) {
    this.url = url;
    this.status = status;
    this.statusText = statusText;
    this.headers = headers;
    this.ok = status >= 200 && status < 300;
    this.#answer = answer;
    this.#stream = new LightStream(answer);
  }

  get body(): Response['body'] {
    if (bodiless.has(this.status)) return null;
    // It has all that a platform stream has, but for the name of its class.
    return this.#platform === null ? (this.#stream as unknown as Response['body']) : this.#platform.body;
  }

  get bodyUsed(): boolean {
    return this.#platform?.bodyUsed ?? this.#stream.isRead;
  }

  async text(): Promise<string> {
    if (this.#platform !== null) return await this.#platform.text();
    const text = (await this.#rest()).toString('utf8');
    // UTF-8 may begin with a byte order mark, which is no text (Encoding standard, "UTF-8 decode").
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(this.#platform === null ? await this.#rest() : await this.#platform.arrayBuffer());
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.bytes()).buffer;
  }

  blob(): Promise<Blob> {
    return this.#asPlatform().blob();
  }

  formData(): Promise<FormData> {
    return this.#asPlatform().formData();
  }

  clone(): Response {
    return this.#asPlatform().clone();
  }

  async #rest(): Promise<Buffer> {
    if (this.#stream.isRead) throw new TypeError('Body is unusable: Body has already been read');
    this.#stream.values();
    return await this.#answer.rest();
  }

  #asPlatform(): Response {
    const { status, statusText, headers } = this;
    const body = bodiless.has(status) ? null : this.#stream.platform();
    this.#platform ??= new Response(body, { status, statusText, headers });
    return this.#platform;
  }
}
