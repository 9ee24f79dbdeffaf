import type { Place } from "./types";

/** A passage as its link needs it: a Passage and a Citation both have one. */
export interface PassageRef {
  readonly sourceId: string;
  readonly chunkId: number;
  readonly text: string;
  readonly heading?: string;
  readonly place: Place;
}

/** What a passage's link hands over, so that the viewer need not look it up. */
export interface PassageState {
  readonly passage: PassageRef;
}

export function sourceLink(id: string): string {
  return `/material/${encodeURIComponent(id)}`;
}

/** The text that was read from a source, at one of its pages. */
export function textLink(id: string, page?: number): string {
  return `${sourceLink(id)}/text${page === undefined ? "" : `?page=${String(page)}`}`;
}

/** The address of a passage: it works alone, for a bookmark or a new tab. */
export function passageLink(ref: PassageRef): string {
  const params = new URLSearchParams({ chunk: String(ref.chunkId) });
  if (ref.place.page) params.set("page", String(ref.place.page));
  if (ref.place.end) params.set("t", String(Math.floor(ref.place.start ?? 0)));
  return `${sourceLink(ref.sourceId)}?${params.toString()}`;
}

export function isPassageState(state: unknown): state is PassageState {
  return typeof state === "object" && state !== null && "passage" in state;
}
