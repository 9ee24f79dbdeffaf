import type { feedback } from "./en";
import type { Plural } from "../translate";

/** The same keys in another language, plural where English is. */
export type Part = {
  readonly [K in keyof typeof feedback]: (typeof feedback)[K] extends string ? string : Plural;
};
