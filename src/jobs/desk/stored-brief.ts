import { type Blobs, hashBytes, type Json, type NewJob, type RunStore } from '../../core/index.ts';
import type { Team } from '../../team/index.ts';
import type { AcceptedBrief } from '../accept.ts';
import { toolCodeOf } from '../tool-code.ts';

/** A brief as a job keeps it: texts stand in blobs, once, however many jobs bring them. */
export interface StoredBrief extends Pick<AcceptedBrief, 'view' | 'cuts' | 'isSubstituted'> {
  readonly seeds: readonly { readonly path: string; readonly hash: string }[];
  /** Hashes of the tools' code when the job was accepted: a digest does not tell them apart. */
  readonly toolCode: Readonly<Record<string, string>>;
}

/** What a job is accepted with: its brief as it is kept, and the texts of its files as they are to be kept. */
export function storedBrief(
  { view, cuts, seeds, isSubstituted = false }: AcceptedBrief,
  team: Team,
): Required<Pick<NewJob, 'brief' | 'seeds' | 'contents'>> {
  const files = seeds.map(({ path, text }) => {
    const bytes = new TextEncoder().encode(text);
    return { path, bytes, hash: hashBytes(bytes) };
  });
  const brief: StoredBrief = {
    view,
    cuts,
    seeds: files.map(({ path, hash }) => ({ path, hash })),
    toolCode: toolCodeOf(team),
    isSubstituted,
  };
  return {
    brief: brief as unknown as Json,
    seeds: files.map(({ path, bytes, hash }) => ({ path, hash, bytesSize: bytes.byteLength, version: 1 })),
    contents: files.map(({ bytes }) => bytes),
  };
}

/** Reads what a job was asked for, as it was accepted. Rejects where the store has lost a part of it. */
export async function readBrief(runs: RunStore, blobs: Blobs, id: string): Promise<AcceptedBrief> {
  const { view, cuts, seeds, isSubstituted = false } = await readStoredBrief(runs, id);
  const contents = await blobs.getAll(seeds.map(({ hash }) => hash));
  const texts = seeds.map(({ path, hash }) => {
    const bytes = contents.get(hash);
    if (bytes === undefined) throw new Error(`The store has lost ${path}, which job ${id} was accepted with`);
    return { path, text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes) };
  });
  return { view, cuts, seeds: texts, isSubstituted };
}

/** Reads a job's brief without the texts of its files. */
export async function readStoredBrief(runs: RunStore, id: string): Promise<StoredBrief> {
  return (await runs.brief(id)) as unknown as StoredBrief;
}
