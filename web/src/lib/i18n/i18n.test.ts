import { describe, expect, it } from "vitest";
import { en } from "./en";
import * as fr from "./fr";
import { noticeText, notices, problemText, reasons, type Problems } from "./problem";
import { pluralForm } from "./plural";
import * as rw from "./rw";
import * as sw from "./sw";
import { translate, type Dictionary, type Key } from "./translate";

const others: Record<string, { dictionary: Dictionary; problems: Problems }> = { fr, rw, sw };
const keys = Object.keys(en) as Key[];

function forms(dictionary: Dictionary, key: Key): string[] {
  const entry = dictionary[key];
  return typeof entry === "string" ? [entry] : [entry.one, entry.other];
}

function names(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "").sort();
}

describe.each(Object.entries(others))("%s", (_language, { dictionary, problems }) => {
  it("has the keys of English, and no others", () => {
    expect(Object.keys(dictionary).sort()).toEqual([...keys].sort());
  });

  it.each(keys)("says something under %s, with the same values", (key) => {
    const english = forms(en, key).map(names);
    const here = forms(dictionary, key);
    for (const text of here) expect(text.trim()).not.toBe("");
    expect(here.map(names)).toEqual(english);
  });

  it("translates every known problem and notice", () => {
    expect(Object.keys(problems.problems).sort()).toEqual([...reasons].sort());
    expect(Object.keys(problems.notices).sort()).toEqual([...notices].sort());
  });
});

describe("plurals", () => {
  it.each([
    ["en", 0, "other"],
    ["en", 1, "one"],
    ["fr", 0, "one"],
    ["fr", 1.5, "one"],
    ["fr", 2, "other"],
    ["rw", 1, "one"],
    ["rw", 3, "other"],
    ["sw", 1, "one"],
  ] as const)("%s counts %d as %s", (language, count, form) => {
    expect(pluralForm(language, count)).toBe(form);
  });

  it("writes the number as the language does", () => {
    expect(translate("en", en, "facts.pages", { count: 1 })).toBe("1 page");
    expect(translate("fr", fr.dictionary, "facts.pages", { count: 2415 })).toMatch(/^2\s415 pages$/);
    expect(translate("rw", rw.dictionary, "facts.pages", { count: 2415 })).toBe("impapuro 2.415");
  });
});

describe("problems", () => {
  const told = {
    reason: "old_format",
    message: "A DOC file.",
    hint: "Save it.",
    params: { format: "DOC", save_as: "DOCX" },
  };

  it("are told in the reader's language with the box's values", () => {
    expect(problemText("fr", fr.problems, told).message).toBe("C'est un fichier DOC, que la boîte ne peut pas lire.");
    expect(problemText("sw", sw.problems, told).hint).toContain("DOCX");
  });

  it("stay in the box's words in English, and where the reason is unknown", () => {
    expect(problemText("en", null, told)).toEqual({ message: "A DOC file.", hint: "Save it." });
    expect(problemText("fr", fr.problems, { ...told, reason: "brand_new" }).message).toBe("A DOC file.");
    expect(problemText("fr", fr.problems, { ...told, reason: "toString" }).message).toBe("A DOC file.");
  });

  it("never show a gap where the box sent no value", () => {
    expect(problemText("fr", fr.problems, { reason: "old_format", message: "A DOC file." }).message).toBe(
      "A DOC file.",
    );
  });

  it("say what was left out", () => {
    const notice = {
      code: "pages_unreadable",
      message: "3 of 40 pages could not be read.",
      params: { count: 3, of: 40 },
    };
    expect(noticeText("en", null, notice)).toBe("3 of 40 pages could not be read.");
    expect(noticeText("rw", rw.problems, notice)).toBe("Impapuro 3 muri 40 ntizashoboye gusomwa.");
    expect(noticeText("rw", rw.problems, { ...notice, code: "new" })).toBe(notice.message);
  });
});
