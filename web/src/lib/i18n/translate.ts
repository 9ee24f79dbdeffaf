import type { en } from "./en";
import { numberLocale, pluralForm, type Language, type PluralForm } from "./plural";

type English = typeof en;
export type Key = keyof English;
export type Plural = Record<PluralForm, string>;

/** A language's texts: the keys of English, plural where English is. */
export type Dictionary = { readonly [K in Key]: English[K] extends string ? string : Plural };

type Names<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;
type NamesOf<Entry> = Entry extends string
  ? Names<Entry>
  : Entry extends Plural
    ? Names<Entry["one"]> | Names<Entry["other"]> | "count"
    : never;

export type Params = Readonly<Record<string, string | number>>;
type ParamsOf<K extends Key> = [NamesOf<English[K]>] extends [never]
  ? []
  : [params: Readonly<Record<NamesOf<English[K]>, string | number>>];

/** Translates a key; the compiler asks for the values that its text names. */
export type Translate = <K extends Key>(key: K, ...params: ParamsOf<K>) => string;

/** Puts values into a text. Numbers are written as the language writes them. */
export function fill(language: Language, text: string, params: Params): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? formatNumber(language, value) : value;
  });
}

export function formatNumber(language: Language, value: number, fractionDigits = 1): string {
  return new Intl.NumberFormat(numberLocale[language], { maximumFractionDigits: fractionDigits }).format(value);
}

/** Translates a key without the compiler's check of its values. */
export function translate(language: Language, dictionary: Dictionary, key: Key, params: Params = {}): string {
  const entry = dictionary[key];
  if (typeof entry === "string") return fill(language, entry, params);
  return fill(language, entry[pluralForm(language, Number(params.count ?? 0))], params);
}
