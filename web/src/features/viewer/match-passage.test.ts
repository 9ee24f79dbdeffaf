import { describe, expect, it } from "vitest";
import { matchPassage, type Mark } from "./match-passage";

function marked(items: readonly string[], marks: readonly Mark[]): string[] {
  return marks.map(({ item, start, end }) => (items[item] ?? "").slice(start, end));
}

const page = [
  "Chapter 2",
  "The sun is a star. It gives light and",
  " ",
  "heat to the Earth. Without it there would be no",
  "life. Plants use its light to make food.",
  "12",
];

describe("matchPassage", () => {
  it("finds a passage across lines whose spaces and breaks differ", () => {
    const passage = "It gives light and heat to the Earth.\nWithout it there would be no life.";
    expect(marked(page, matchPassage(page, passage))).toEqual([
      "It gives light and",
      "heat to the Earth. Without it there would be no",
      "life",
    ]);
  });

  it("is not misled by hyphens, ligatures, quotes, case and accents", () => {
    const items = ["The “ﬁrst” volca-", "noes of the région were ACTIVE long ago."];
    expect(marked(items, matchPassage(items, 'first" volcanoes of the region were active'))).toEqual([
      "ﬁrst” volca-".slice(0, -1),
      "noes of the région were ACTIVE",
    ]);
  });

  it("marks what stands on this page of a passage that began on the one before", () => {
    const passage = "Nothing of this sentence is here at all. It gives light and heat to the Earth.";
    expect(marked(page, matchPassage(page, passage))).toEqual(["It gives light and", "heat to the Earth"]);
  });

  it("bridges a few letters that were read differently", () => {
    const passage = "It gives light and heal to the Earth. Without it there would be no life.";
    const found = marked(page, matchPassage(page, passage));
    expect(found[0]).toBe("It gives light and");
    expect(found.join(" ")).toContain("heat to the Earth. Without it");
  });

  it("follows columns that the box read in another order", () => {
    const items = [
      "Water rises through the roots",
      "The leaves drink the morning light",
      "and reaches every leaf",
      "and turn it into sugar",
    ];
    const passage =
      "Water rises through the roots and reaches every leaf. The leaves drink the morning light and turn it into sugar.";
    expect(new Set(matchPassage(items, passage).map((mark) => mark.item))).toEqual(new Set([0, 1, 2, 3]));
  });

  it("leaves out a chance resemblance far away", () => {
    const items = [
      "Plants use light to make",
      ...Array.from({ length: 5 }, () => "Quite another text about kings and wars stands here."),
      page[1] ?? "",
      page[3] ?? "",
    ];
    const passage = "It gives light and heat to the Earth. Without it there would be no life at all on the planet.";
    expect(matchPassage(items, passage).every((mark) => mark.item > 5)).toBe(true);
  });

  it("takes the repetition that lies where it is expected", () => {
    const items = ["The results are shown below.", "Table one.", "We measured the rain. The results are shown below."];
    const marks = matchPassage(items, "We measured the rain. The results are shown below, month by month.");
    expect(new Set(marks.map((mark) => mark.item))).toEqual(new Set([2]));
  });

  it("finds nothing on a page without text, in another text, or for an empty passage", () => {
    expect(matchPassage([], "It gives light and heat.")).toEqual([]);
    expect(matchPassage(page, "Completely unrelated words about football matches.")).toEqual([]);
    expect(matchPassage(page, " … ")).toEqual([]);
  });

  it("reads scripts other than Latin", () => {
    const items = ["እንኳን ደህና መጡ", "ወደ ትምህርት ቤት"];
    expect(marked(items, matchPassage(items, "ደህና መጡ ወደ ትምህርት"))).toEqual(["ደህና መጡ", "ወደ ትምህርት"]);
  });
});
