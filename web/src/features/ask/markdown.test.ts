import { describe, expect, it } from "vitest";
import { parseMarkdown, plainText } from "./markdown";

describe("parseMarkdown", () => {
  it("reads paragraphs, bold, italics, code and citations", () => {
    expect(parseMarkdown("Water is **H2O** [1].\nIt is *wet*, see `a*b*c`.\n\nEnd.")).toEqual([
      {
        type: "paragraph",
        children: [
          { type: "text", text: "Water is " },
          { type: "strong", children: [{ type: "text", text: "H2O" }] },
          { type: "text", text: " " },
          { type: "citation", number: 1 },
          { type: "text", text: ".\nIt is " },
          { type: "em", children: [{ type: "text", text: "wet" }] },
          { type: "text", text: ", see " },
          { type: "code", text: "a*b*c" },
          { type: "text", text: "." },
        ],
      },
      { type: "paragraph", children: [{ type: "text", text: "End." }] },
    ]);
  });

  it("reads lists, with the number that they begin at", () => {
    const text = (value: string) => [{ type: "text", text: value }];
    expect(parseMarkdown("Three:\n- a\n* b\n\n2. c\n3) d")).toEqual([
      { type: "paragraph", children: text("Three:") },
      { type: "list", ordered: false, start: 1, items: [text("a"), text("b")] },
      { type: "list", ordered: true, start: 2, items: [text("c"), text("d")] },
    ]);
  });

  it("reads a fence that is still being written", () => {
    expect(parseMarkdown("```python\nx = 1\n\nprint(x)")).toEqual([{ type: "code", text: "x = 1\n\nprint(x)" }]);
  });

  it("leaves arithmetic and unfinished marks alone", () => {
    const [block] = parseMarkdown("2 * 3 * 4 is **not done and [12 of");
    expect(block).toEqual({
      type: "paragraph",
      children: [{ type: "text", text: "2 * 3 * 4 is **not done and [12 of" }],
    });
  });

  it("keeps HTML as the text that it is", () => {
    const [block] = parseMarkdown('<img src=x onerror="alert(1)">');
    expect(block).toEqual({ type: "paragraph", children: [{ type: "text", text: '<img src=x onerror="alert(1)">' }] });
  });
});

it("plainText reads aloud what is said, without marks", () => {
  expect(plainText("## Water\nIt is **wet** [1] and cold [2].\n- one\n- two")).toBe(
    "Water\nIt is wet and cold.\none. two",
  );
});
