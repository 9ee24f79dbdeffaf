import { describe, expect, it } from "vitest";
import type { Chunk } from "@/api/types";
import { pieceAt, piecesOf, withoutOverlap } from "./reading";

function chunk(seq: number, text: string, more: Partial<Chunk> = {}): Chunk {
  return { id: 100 + seq, source_id: "s", seq, text, place: {}, ...more };
}

describe("withoutOverlap", () => {
  it("drops what the chunk before has shown", () => {
    expect(withoutOverlap("A first one. The second sentence.", "The second sentence. A third.")).toBe("A third.");
  });
  it("keeps a chunk that only happens to begin alike", () => {
    expect(withoutOverlap("It ends with the", "the beginning")).toBe("the beginning");
  });
});

describe("piecesOf", () => {
  it("shows the cited passage whole, and its neighbours without what they repeat", () => {
    const chunks = [
      chunk(0, "One is here. Two is here now."),
      chunk(1, "Two is here now. Three is here."),
      chunk(2, "Three is here. Four."),
    ];
    expect(piecesOf(chunks, 101).map((piece) => piece.text)).toEqual([
      "One is here. Two is here now.",
      "Two is here now. Three is here.",
      "Four.",
    ]);
  });

  it("cuts nothing at a seam where chunks are missing", () => {
    const chunks = [chunk(0, "The very same words."), chunk(5, "The very same words. More.")];
    expect(piecesOf(chunks)[1]?.text).toBe("The very same words. More.");
  });

  it("tells where a page and a heading begin", () => {
    const chunks = [
      chunk(0, "a", { heading: "H", place: { page: 1 } }),
      chunk(1, "b", { heading: "H", place: { page: 1 } }),
      chunk(2, "c", { heading: "I", place: { page: 2 } }),
    ];
    expect(piecesOf(chunks).map(({ heading, newPlace }) => [heading, newPlace])).toEqual([
      ["H", true],
      [undefined, false],
      ["I", true],
    ]);
  });
});

describe("pieceAt", () => {
  const pieces = piecesOf([
    chunk(0, "a", { place: { end: 5 } }),
    chunk(1, "b", { place: { start: 5, end: 9 } }),
    chunk(2, "c", { place: { start: 9, end: 12 } }),
  ]);
  it.each([
    [0, 0],
    [4.9, 0],
    [5, 1],
    [100, 2],
  ])("hears at %d s piece %d", (seconds, index) => {
    expect(pieceAt(pieces, seconds)).toBe(index);
  });
});
