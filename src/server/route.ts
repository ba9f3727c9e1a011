import type { z } from '@hono/zod-openapi';
import type { Failure, FailureCode, KeyScope, Result } from '../core/index.ts';
import type { Caller } from '../jobs/index.ts';

/** One route of the API: what it is for, what it takes and gives, and what it does. */
export interface Route extends RouteFacts {
  handle(asked: Asked<unknown, unknown, unknown>): Promise<Reply>;
}

/** What a route says of itself; its page in the documentation is made from it. */
export interface RouteFacts {
  readonly method: 'get' | 'post' | 'patch' | 'delete';
  /** As OpenAPI writes it. A last `{path}` takes the rest, slashes included. */
  readonly path: string;
  readonly topic: string;
  readonly summary: string;
  readonly description?: string;
  /** What a key must be for; `null`: no key is asked for. */
  readonly scope: KeyScope | null;
  /** True for what brings new jobs: it has a tighter rate limit. */
  readonly isAccept?: boolean;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  /** Headers it reads, by name and purpose. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: z.ZodType;
  /** True: no body is the same as `{}`. */
  readonly isBodyOptional?: boolean;
  /** True: it also takes `multipart/form-data`: field `request`, and files by name. */
  readonly takesForm?: boolean;
  readonly answers: Readonly<Record<number, Answer>>;
  /** Codes of its own, besides those that every route may answer. */
  readonly problems?: readonly FailureCode[];
}

/** One success of a route. */
export interface Answer {
  readonly description: string;
  readonly shape?: z.ZodType;
  /** Media type. Default: `application/json`. */
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that was let in, read and checked. */
export interface Asked<Params, Query, Body> {
  readonly caller: Caller;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** Files of a form, by field. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** The request itself. Its signal fires when the client has left; none is made until it is asked for. */
  readonly request: Pick<Request, 'method' | 'headers' | 'signal'>;
}

/** What a route gives back: an answer, or why there is none. */
export type Reply = Answered | Refusal;

/** An answer: a `Response` where it is streamed or no text. */
export type Answered = Response | TextAnswer;

/** An answer that is known as a whole. As plain data: most of what a poll costs would be the platform's `Response`. */
export interface TextAnswer {
  readonly status: number;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Why a request was refused: every mistake in it. */
export interface Refusal {
  readonly refused: readonly [Failure, ...Failure[]];
  /** For the answer's head. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A route before its shapes are forgotten. */
export type RouteSpec<Params extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodType> = Omit<
  RouteFacts,
  'params' | 'query' | 'body'
> & {
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  handle(asked: Asked<z.output<Params>, z.output<Query>, z.output<Body>>): Promise<Reply>;
};

/** Makes a route: what its shapes take is what its handler is given. */
export function route<
  Params extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType = z.ZodUndefined,
>(spec: RouteSpec<Params, Query, Body>): Route {
  // The shapes are checked before the handler is called: what it gets is what it was declared with.
  return spec as unknown as Route;
}

/** Answers with JSON. */
export function json(
  value: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): TextAnswer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, text: JSON.stringify(value) };
}

/** Refuses a request. */
export function refuse(...refused: [Failure, ...Failure[]]): Refusal {
  return { refused };
}

/** Answers with what became of something that may fail. */
export function replyWith<T>(result: Result<T>, write: (value: T) => Answered): Reply {
  return result.ok ? write(result.value) : refuse(result.failure);
}
