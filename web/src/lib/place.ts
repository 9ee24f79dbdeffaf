import { clock } from "./format";
import type { Translate } from "./i18n/translate";

interface Place {
  readonly page?: number;
  readonly slide?: number;
  readonly sheet?: string;
  readonly article?: string;
  readonly start?: number;
  readonly end?: number;
}

/** Where in a source something stands, in a word or two; empty where nobody knows. */
export function placeText(t: Translate, kind: string | undefined, place: Place): string {
  if (place.end) return clock(place.start ?? 0);
  if (place.slide) return t("place.slide", { number: place.slide });
  if (place.sheet) return t("place.sheet", { name: place.sheet });
  if (place.page) return t(kind === "book" ? "place.chapter" : "place.page", { number: place.page });
  if (place.article) return t("place.article", { name: place.article });
  return "";
}
