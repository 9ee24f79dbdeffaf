/** The languages of the app, each named in itself. */
export const languages = {
  en: "English",
  fr: "Français",
  rw: "Ikinyarwanda",
  sw: "Kiswahili",
} as const;

export type Language = keyof typeof languages;

export function isLanguage(value: unknown): value is Language {
  return typeof value === "string" && Object.prototype.hasOwnProperty.call(languages, value);
}

export type PluralForm = "one" | "other";

/**
 * The plural form of a whole number. Written out because browsers ship no
 * rules for Kinyarwanda and would take those of the tablet's own language.
 * French counts 0 as singular; the others do not.
 */
export function pluralForm(language: Language, count: number): PluralForm {
  if (language === "fr") return count >= 0 && count < 2 ? "one" : "other";
  return count === 1 ? "one" : "other";
}

/**
 * The locale whose separators Intl is asked for. Browsers have no Kinyarwanda
 * number data; its separators (1.234,5) are those of German in the CLDR.
 */
export const numberLocale: Record<Language, string> = { en: "en", fr: "fr", rw: "de", sw: "sw" };
