import { z } from 'zod';
import type { Json } from '../../core/index.ts';
import type { Endpoint, HttpAnswer, HttpCall, Simulation } from '../server/wire.ts';
import { admit, bodyOf, type Caller, faultAnswer, jsonAnswer } from './admit.ts';
import { type Batch, type BatchItem, batchInfo, isOver, resultLines, workOff } from './batch.ts';
import { type Checked, faulty, invalidRequest, notFound, sound } from './fault.ts';
import { pageOf } from './page.ts';
import { readShape } from './read-shape.ts';
import { identityHeaders } from './response-headers.ts';

/** How batches are worked on. */
export interface BatchSettings {
  /** From acceptance to the end, in ms of the simulator's clock. */
  readonly batchMs: number;
}

/** The batches of a running simulator. A batch is worked off when it is next looked at after its time has come. */
interface Shelf {
  readonly simulation: Simulation;
  readonly batchMs: number;
  readonly batches: Map<string, Batch>;
  /** Work under way: whoever else looks at the batch waits for it. */
  readonly work: Map<string, Promise<Batch>>;
}

/** The endpoints of the Message Batches API. */
export function batchEndpoints(simulation: Simulation, { batchMs }: BatchSettings): readonly Endpoint[] {
  const shelf: Shelf = { simulation, batchMs, batches: new Map(), work: new Map() };
  const path = '/v1/messages/batches';
  const endpoint = (method: Endpoint['method'], rest: string, act: Act): Endpoint => ({
    method,
    path: `${path}${rest}`,
    answer: (call, { id = '' }) => answered(shelf, call, { id, act }),
  });
  return [
    endpoint('POST', '', create),
    endpoint('GET', '', list),
    endpoint('GET', '/:id', retrieve),
    endpoint('GET', '/:id/results', results),
    endpoint('POST', '/:id/cancel', cancel),
    endpoint('DELETE', '/:id', remove),
  ];
}

/** What one call is about. */
interface Errand {
  readonly call: HttpCall;
  readonly caller: Caller;
  readonly id: string;
}

type Act = (shelf: Shelf, errand: Errand) => Promise<Checked<Json>>;

/** The most bytes and requests a batch may have (Anthropic, "Batch processing"). */
const batchBytesMax = 256 * 1024 * 1024;
const requestsMax = 100_000;

const batchSchema = z.strictObject({
  requests: z
    .array(
      z.strictObject({
        custom_id: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
        params: z.looseObject({}),
      }),
    )
    .min(1)
    .max(requestsMax),
});

async function answered(
  shelf: Shelf,
  call: HttpCall,
  { id, act }: { readonly id: string; readonly act: Act },
): Promise<HttpAnswer> {
  const requestId = shelf.simulation.newId('req_01');
  const caller = admit(call, shelf.simulation, batchBytesMax);
  const done = caller.ok ? await act(shelf, { call, id, caller: { ...caller.value, requestId } }) : caller;
  if (!done.ok) return faultAnswer(done.fault, { requestId });
  if (typeof done.value !== 'string') return jsonAnswer(done.value, requestId);
  const headers = { ...identityHeaders(requestId), 'content-type': 'application/x-jsonl' };
  return { type: 'whole', status: 200, headers, body: done.value };
}

async function create(shelf: Shelf, { call, caller }: Errand): Promise<Checked<Json>> {
  const json = bodyOf(call);
  if (!json.ok) return json;
  const shaped = readShape(batchSchema, json.value);
  if (!shaped.ok) return shaped;
  const items = shaped.value.requests.map(({ custom_id, params }) => ({
    customId: custom_id,
    params: params as Json,
  }));
  const twice = repeatedId(items);
  if (twice !== null) return faulty(invalidRequest(`requests: custom_id "${twice}" is not unique`));
  const { simulation, batchMs } = shelf;
  const createdMs = simulation.now();
  const batch: Batch = {
    id: simulation.newId('msgbatch_01'),
    caller,
    items,
    createdMs,
    dueMs: createdMs + batchMs,
    canceledMs: null,
    ended: null,
  };
  shelf.batches.set(batch.id, batch);
  return sound(batchInfo(batch, originOf(call)));
}

async function list(shelf: Shelf, { call, caller }: Errand): Promise<Checked<Json>> {
  const own = [...shelf.batches.values()].filter((batch) => isOwnedBy(batch, caller)).toReversed();
  const current = [];
  for (const batch of own) current.push(batchInfo(await upToDate(shelf, batch), originOf(call)));
  return pageOf(current, call.query);
}

async function retrieve(shelf: Shelf, errand: Errand): Promise<Checked<Json>> {
  const found = await find(shelf, errand);
  return found.ok ? sound(batchInfo(found.value, originOf(errand.call))) : found;
}

async function results(shelf: Shelf, errand: Errand): Promise<Checked<Json>> {
  const found = await find(shelf, errand);
  if (!found.ok) return found;
  const { id, ended } = found.value;
  return ended === null
    ? faulty(notFound(`Batch ${id} has no results yet: it has not ended.`))
    : sound(resultLines(ended));
}

/** Cancelling takes effect when the batch is next looked at; one that has ended stays as it is. */
async function cancel(shelf: Shelf, errand: Errand): Promise<Checked<Json>> {
  const found = await find(shelf, errand);
  if (!found.ok) return found;
  const batch = found.value;
  const canceled = batch.ended === null ? { ...batch, canceledMs: shelf.simulation.now() } : batch;
  shelf.batches.set(batch.id, canceled);
  return sound(batchInfo(canceled, originOf(errand.call)));
}

async function remove(shelf: Shelf, errand: Errand): Promise<Checked<Json>> {
  const found = await find(shelf, errand);
  if (!found.ok) return found;
  const { id, ended } = found.value;
  if (ended === null) {
    return faulty(invalidRequest(`Batch ${id} cannot be deleted while it is processing: cancel it first.`));
  }
  shelf.batches.delete(id);
  return sound({ id, type: 'message_batch_deleted' });
}

async function find(shelf: Shelf, { id, caller }: Errand): Promise<Checked<Batch>> {
  const batch = shelf.batches.get(id);
  if (batch === undefined || !isOwnedBy(batch, caller)) {
    return faulty(notFound(`Could not find message batch with id ${id}`));
  }
  return sound(await upToDate(shelf, batch));
}

/** Ends a batch whose time has come, once, however many look at it. */
async function upToDate(shelf: Shelf, batch: Batch): Promise<Batch> {
  if (batch.ended !== null || !isOver(batch, shelf.simulation.now())) return batch;
  const known = shelf.work.get(batch.id);
  if (known !== undefined) return await known;
  const work = workOff(batch, shelf.simulation);
  shelf.work.set(batch.id, work);
  const ended = await work;
  shelf.work.delete(batch.id);
  shelf.batches.set(ended.id, ended);
  return ended;
}

function isOwnedBy({ caller: owner }: Batch, { key, workspace }: Caller): boolean {
  return owner.key === key && owner.workspace === workspace;
}

function repeatedId(items: readonly BatchItem[]): string | null {
  const ids = new Set<string>();
  for (const { customId } of items) {
    if (ids.has(customId)) return customId;
    ids.add(customId);
  }
  return null;
}

/** Where the caller reached the simulator. */
function originOf({ headers }: HttpCall): string {
  return `http://${headers['host'] ?? '127.0.0.1'}`;
}
