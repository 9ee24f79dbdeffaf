import { crane } from "./crane.mjs";
import { drum } from "./drum.mjs";
import { teacher } from "./teacher.mjs";

/** The characters by name; each is made anew on every call. */
export const CHARACTERS = { teacher, crane, drum };
