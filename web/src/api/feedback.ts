import { Observable } from "@/lib/observable";
import { get, post, put, remove } from "./client";
import { sourceUrl } from "./material";
import { school, type ListQuery } from "./people";
import type { Chunk, Feedback, FeedbackCount, Page, Pin, PinContent, Thumb } from "./types";

const one = (id: string) => encodeURIComponent(id);
const thumb = (message: string) => `/api/v1/ai/answers/${one(message)}/thumb`;

export const rate = (message: string, given: Thumb) => put<undefined>(thumb(message), given);
export const unrate = (message: string) => remove(thumb(message));

export interface FeedbackQuery {
  readonly up: boolean;
  readonly open: boolean;
  readonly search: string;
  readonly cursor: string;
}

export const listFeedback = ({ up, open, search, cursor }: FeedbackQuery) =>
  get<Page<Feedback>>(school("/feedback"), {
    search,
    cursor,
    ...(up && { up: "true" }),
    ...(open && { open: "true" }),
  });

/** How much feedback there is for whoever is signed in; null before it is known. */
export const feedbackCount = new Observable<FeedbackCount | null>(null);

/** Looks again. What does not come is as it was: a number beside a tab is worth no alarm. */
export async function countFeedback(): Promise<void> {
  try {
    feedbackCount.set(await get<FeedbackCount>(school("/feedback/count")));
  } catch {
    // the banner tells what is out of reach
  }
}

const done = (id: string) => school(`/feedback/${one(id)}/done`);
export const finishFeedback = (id: string) => put<undefined>(done(id), {});
export const reopenFeedback = (id: string) => remove(done(id));

const pin = (id: string) => `/api/v1/pins/${one(id)}`;
export const listPins = (query: ListQuery) => get<Page<Pin>>("/api/v1/pins", { ...query });
export const addPin = (content: PinContent) => post<Pin>("/api/v1/pins", content);
export const updatePin = (id: string, content: PinContent) => put<Pin>(pin(id), content);
export const removePin = (id: string) => remove(pin(id));
export const bringBackPin = (id: string) => post<Pin>(`${pin(id)}/back`);

const wrong = (source: string, passage: number) => `${sourceUrl(source)}/passages/${String(passage)}/wrong`;
export const markWrong = (source: string, passage: number) => put<Chunk>(wrong(source, passage), {});
export const unmarkWrong = (source: string, passage: number) => remove(wrong(source, passage));
export const pagePassages = (source: string, number: number, signal?: AbortSignal) =>
  get<{ passages: Chunk[] }>(`${sourceUrl(source)}/text/${String(number)}/passages`, {}, signal);
