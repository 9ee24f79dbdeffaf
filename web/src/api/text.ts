import { get, patch, post, put, remove } from "./client";
import { getSource, sourceUrl } from "./material";
import type { Page, Schemas, Source } from "./types";

export type TextPage = Schemas["TextPage"];
export type ReadPage = Schemas["ReadPage"];
export type Section = Schemas["Section"];
export type Table = NonNullable<Section["table"]>;

/** What is set of a source; what is absent stays. */
export interface SourceChange {
  readonly title?: string;
  readonly language?: string;
  readonly subject?: string;
  readonly grade?: string;
  readonly folder?: string;
}

const page = (id: string, number: number) => `${sourceUrl(id)}/text/${String(number)}`;

/** The pages of the text that was read, from a position in their order on. */
export function listText(
  id: string,
  query: { readonly from: number; readonly limit: number; readonly doubtful?: boolean },
  signal?: AbortSignal,
): Promise<Page<TextPage>> {
  const { from, limit, doubtful = false } = query;
  return get(`${sourceUrl(id)}/text`, { from, limit, doubtful: doubtful ? "true" : "" }, signal);
}

export function getText(id: string, number: number, signal?: AbortSignal): Promise<ReadPage> {
  return get(page(id, number), {}, signal);
}

export function mendText(id: string, number: number, sections: readonly Section[]): Promise<Source> {
  return put(page(id, number), {
    sections: sections.map(({ heading, text, table }) => ({
      ...(heading !== undefined && { heading }),
      ...(table ? { table } : { text }),
    })),
  });
}

export async function restoreText(id: string, number: number): Promise<Source> {
  await remove(page(id, number));
  return getSource(id);
}

export function movePage(id: string, number: number, by: number): Promise<Source> {
  return post(`${page(id, number)}/move`, { by });
}

export function turnPage(id: string, number: number, degrees: number): Promise<Source> {
  return post(`${page(id, number)}/turn`, { degrees });
}

export function readAgain(id: string): Promise<Source> {
  return post(`${sourceUrl(id)}/read`);
}

export function editSource(id: string, change: SourceChange): Promise<Source> {
  return patch(sourceUrl(id), change);
}
