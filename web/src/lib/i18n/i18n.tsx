import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { tablet } from "../storage";
import { en } from "./en";
import { isLanguage, type Language } from "./plural";
import type { Problems } from "./problem";
import { translate, type Dictionary, type Key, type Params, type Translate } from "./translate";

/** Everything that the app says in one language. */
export interface Texts {
  readonly dictionary: Dictionary;
  /** Null in English, which the box itself speaks. */
  readonly problems: Problems | null;
}

const storageKey = "bwenge.language";

export const english: Texts = { dictionary: en, problems: null };

// English is part of the first page, as the language that always works; the
// others come when they are chosen.
const loaders: Record<Language, () => Promise<Texts>> = {
  en: () => Promise.resolve(english),
  fr: () => import("./fr"),
  rw: () => import("./rw"),
  sw: () => import("./sw"),
};

/** The language chosen on this tablet, else the browser's first that the app speaks. */
export function preferredLanguage(wanted: readonly string[] = navigator.languages): Language {
  const chosen = tablet.get(storageKey);
  if (isLanguage(chosen)) return chosen;
  for (const tag of wanted) {
    const base = tag.toLowerCase().split("-")[0];
    if (isLanguage(base)) return base;
  }
  return "en";
}

export function loadTexts(language: Language): Promise<Texts> {
  return loaders[language]();
}

interface I18n extends Texts {
  readonly language: Language;
  readonly t: Translate;
  /** Resolves to false where its texts could not be had: then the language stays. */
  readonly setLanguage: (language: Language) => Promise<boolean>;
}

function makeTranslate(language: Language, dictionary: Dictionary): Translate {
  return (key: Key, ...params: readonly Params[]) => translate(language, dictionary, key, params[0]);
}

const I18nContext = createContext<I18n>({
  language: "en",
  ...english,
  t: makeTranslate("en", en),
  setLanguage: () => Promise.resolve(false),
});

interface I18nProviderProps {
  readonly language: Language;
  readonly texts: Texts;
  readonly children: ReactNode;
}

/** Gives the app its language, starting with one whose texts are loaded. */
export function I18nProvider({ language, texts, children }: I18nProviderProps) {
  const [current, setCurrent] = useState({ language, texts });

  useEffect(() => {
    document.documentElement.lang = current.language;
  }, [current.language]);

  const setLanguage = useCallback(async (next: Language) => {
    try {
      const loaded = await loadTexts(next);
      tablet.set(storageKey, next);
      setCurrent({ language: next, texts: loaded });
      return true;
    } catch {
      return false;
    }
  }, []);

  const value = useMemo<I18n>(
    () => ({
      language: current.language,
      ...current.texts,
      t: makeTranslate(current.language, current.texts.dictionary),
      setLanguage,
    }),
    [current, setLanguage],
  );
  return <I18nContext.Provider value={value}>{children}</I18nContext.Provider>;
}

export function useI18n(): I18n {
  return useContext(I18nContext);
}
