import type { Page, Source } from "@/api/types";

/** The part of the material that has been loaded, newest first. */
export interface SourceList {
  readonly items: readonly Source[];
  readonly next?: string;
  readonly total: number;
}

export const emptyList: SourceList = { items: [], total: 0 };

export function fromPage({ items, next, total }: Page<Source>): SourceList {
  return { items, total, ...(next !== undefined && next !== "" && { next }) };
}

/** The list with its next page. A source that moved between two pages stays once. */
export function append(list: SourceList, page: Page<Source>): SourceList {
  const known = new Set(list.items.map((source) => source.id));
  return { ...fromPage(page), items: [...list.items, ...page.items.filter((source) => !known.has(source.id))] };
}

/**
 * The list after a source changed. A known one changes in place, even where it
 * no longer fits the filter: rows must not vanish under a teacher's finger. A
 * new one comes on top, if the list shows everything.
 */
export function upsert(list: SourceList, source: Source, showsAll: boolean): SourceList {
  const at = list.items.findIndex((other) => other.id === source.id);
  if (at >= 0) return { ...list, items: list.items.map((other, i) => (i === at ? source : other)) };
  const newest = list.items[0];
  const isNew = !newest || Date.parse(source.created_at) >= Date.parse(newest.created_at);
  if (!showsAll || !isNew) return list; // an old one belongs further down, in a part not loaded yet
  return { ...list, items: [source, ...list.items], total: list.total + 1 };
}

export function without(list: SourceList, id: string): SourceList {
  const items = list.items.filter((source) => source.id !== id);
  return { ...list, items, total: list.total - (list.items.length - items.length) };
}

export function isBusy({ status }: Source): boolean {
  return status === "queued" || status === "processing";
}
