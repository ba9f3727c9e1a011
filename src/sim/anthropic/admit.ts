import type { Json } from '../../core/index.ts';
import type { HttpAnswer, HttpCall, LimitState, SimModel, Simulation } from '../server/wire.ts';
import {
  type Checked,
  type Fault,
  faultBody,
  faultOfRefusal,
  faulty,
  invalidRequest,
  notFound,
  sound,
} from './fault.ts';
import { identityHeaders, limitHeaders } from './response-headers.ts';

/** Who calls, and by which rules. */
export interface Caller {
  readonly key: string;
  /** `anthropic-version`. */
  readonly version: string;
  /** Caches and batches of one workspace are unknown to the others. */
  readonly workspace: string;
  readonly requestId: string;
}

const versions: readonly string[] = ['2023-06-01', '2026-10-21'];

/** The most bytes a request may have (Anthropic, "Errors"); batches may have more. */
const bytesMax = 32 * 1024 * 1024;

/** Lets a call in: how big it is, whose key it is, which version it speaks. */
export function admit(
  call: HttpCall,
  simulation: Simulation,
  requestBytesMax: number = bytesMax,
): Checked<Omit<Caller, 'requestId'>> {
  if (call.bytesSize > requestBytesMax) {
    return faulty({
      status: 413,
      kind: 'request_too_large',
      message: 'Request exceeds the maximum allowed number of bytes.',
    });
  }
  const { headers } = call;
  const key = headers['x-api-key'] ?? bearerOf(headers['authorization']);
  const refusal = simulation.refuseKey(key);
  if (refusal !== null) return faulty(key === null ? missingKey : faultOfRefusal(refusal, null));
  const version = headers['anthropic-version'];
  if (version === undefined) return faulty(invalidRequest('anthropic-version: header is required'));
  if (!versions.includes(version)) {
    return faulty(invalidRequest(`anthropic-version: "${version}" is not a valid version`));
  }
  return sound({ key: key ?? '', version, workspace: headers['anthropic-workspace-id'] ?? 'default' });
}

/** The body of a call, or why it cannot be read. */
export function bodyOf({ body }: HttpCall): Checked<Json | undefined> {
  return body === 'unreadable' ? faulty(invalidRequest('The request body is not valid JSON')) : sound(body);
}

/** Finds a model as requests name it. */
export function modelNamed(simulation: Simulation, name: string): Checked<SimModel> {
  const model = simulation.findModel('anthropic', name);
  return model === null ? faulty(notFound(`model: ${name}`)) : sound(model);
}

/** Answers with a body. */
export function jsonAnswer(body: Json, requestId: string): HttpAnswer {
  return { type: 'whole', status: 200, headers: identityHeaders(requestId), body };
}

/** What the headers of an error tell beside the error. */
export interface FaultDetail {
  readonly requestId: string;
  readonly retryAfterS?: number | null;
  readonly limits?: LimitState | null;
}

/** Answers with an error. */
export function faultAnswer(fault: Fault, { requestId, retryAfterS, limits }: FaultDetail): HttpAnswer {
  const wait = retryAfterS ?? null;
  return {
    type: 'whole',
    status: fault.status,
    headers: {
      ...identityHeaders(requestId),
      ...limitHeaders(limits ?? null),
      ...(wait === null ? {} : { 'retry-after': String(wait) }),
    },
    body: faultBody(fault, requestId),
  };
}

const missingKey: Fault = Object.freeze({
  status: 401,
  kind: 'authentication_error',
  message: 'x-api-key header is required',
});

function bearerOf(authorization: string | undefined): string | null {
  return /^bearer\s+(\S+)\s*$/i.exec(authorization ?? '')?.[1] ?? null;
}
