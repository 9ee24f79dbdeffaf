import { get, post, remove } from "./client";
import type { ArchiveEstimate, ArchiveSelection, ArchiveState, Chunk, Page, Schemas, Source, Status } from "./types";

const root = "/api/v1/knowledge";
export const sourceUrl = (id: string) => `${root}/${encodeURIComponent(id)}`;

export type Sort = "newest" | "oldest" | "name" | "largest";
export type SourceLabels = Schemas["SourceLabels"];
export type ChangedSources = Schemas["ChangedSources"];

export interface SourceQuery {
  readonly search?: string;
  readonly status?: Status | "";
  readonly subject?: string;
  readonly grade?: string;
  readonly folder?: string;
  readonly sort?: Sort;
  readonly deleted?: "true" | "";
  readonly cursor?: string;
  readonly limit?: number;
}

export function listSources(query: SourceQuery, signal?: AbortSignal): Promise<Page<Source>> {
  return get(root, { ...query }, signal);
}

export function getSource(id: string, signal?: AbortSignal): Promise<Source> {
  return get(`${sourceUrl(id)}/status`, {}, signal);
}

export function listChunks(id: string, from: number, limit: number, signal?: AbortSignal): Promise<Page<Chunk>> {
  return get(`${sourceUrl(id)}/chunks`, { from, limit }, signal);
}

export function retrySource(id: string): Promise<Source> {
  return post(`${sourceUrl(id)}/retry`);
}

export function cancelSource(id: string): Promise<Source> {
  return post(`${sourceUrl(id)}/cancel`);
}

export function deleteSource(id: string): Promise<void> {
  return remove(sourceUrl(id));
}

export function getArchive(id: string, signal?: AbortSignal): Promise<ArchiveState> {
  return get(`${sourceUrl(id)}/archive`, {}, signal);
}

export function estimateArchive(id: string, selection: ArchiveSelection): Promise<ArchiveEstimate> {
  return post(`${sourceUrl(id)}/archive/estimate`, selection);
}

export function takeArchive(id: string, selection: ArchiveSelection): Promise<Source> {
  return post(`${sourceUrl(id)}/archive`, selection);
}

/** The subjects, grades and folders in use. */
export function listLabels(): Promise<SourceLabels> {
  return get(`${root}/labels`);
}

export function bringBack(id: string): Promise<Source> {
  return post(`${sourceUrl(id)}/bring-back`);
}

/** Erases a deleted source for good. */
export function eraseSource(id: string): Promise<void> {
  return remove(`${sourceUrl(id)}/deleted`);
}

/** Does the same to many sources at once. */
export function changeSources(
  ids: readonly string[],
  change: {
    readonly subject?: string;
    readonly grade?: string;
    readonly folder?: string;
    readonly classes?: readonly string[];
    readonly delete?: boolean;
  },
): Promise<ChangedSources> {
  return post(`${root}/change`, { ids, ...change });
}

export function fileUrl(id: string): string {
  return `${sourceUrl(id)}/file`;
}

export function downloadUrl(id: string): string {
  return `${sourceUrl(id)}/file?download=1`;
}

const chunksPerPage = 100; // the most that the box gives at once

/**
 * Finds a chunk by its id. The box numbers the chunks of a source in order, so
 * that a handful of requests is enough even for a book of thousands.
 */
export async function findChunk(sourceId: string, chunkId: number, signal?: AbortSignal): Promise<Chunk | undefined> {
  let low = 0;
  let high = Number.POSITIVE_INFINITY; // seq of the first chunk known to lie after it
  let from = 0;
  while (low < high) {
    const page = await listChunks(sourceId, from, chunksPerPage, signal);
    const [first, last] = [page.items[0], page.items[page.items.length - 1]];
    if (!first || !last) return undefined;
    if (chunkId < first.id) {
      high = from;
    } else if (chunkId > last.id) {
      low = last.seq + 1;
      high = Math.min(high, page.total);
    } else {
      return page.items.find((chunk) => chunk.id === chunkId);
    }
    from = Math.max(low, Math.min(Math.floor((low + high) / 2), high - chunksPerPage));
  }
  return undefined;
}
