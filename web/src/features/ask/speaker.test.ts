import { describe, expect, it, vi } from "vitest";
import { fakeBox } from "@/testing/fake-box";
import { Reading, speaking, wholeSentences } from "./speaker";

describe("wholeSentences", () => {
  it("waits for the end of a sentence while the text grows", () => {
    expect(wholeSentences("The lake is deep. It holds", 0, false)).toEqual({
      sentences: ["The lake is deep."],
      to: 17,
    });
    expect(wholeSentences("It is 4.5", 0, false)).toEqual({ sentences: [], to: 0 });
    expect(wholeSentences("It is deep.", 0, false)).toEqual({ sentences: [], to: 0 });
  });
  it("goes on where it stopped, and ends with what is left", () => {
    const text = "The lake is deep. [1] It holds gas\nSee it";
    const first = wholeSentences(text, 0, false);
    expect(first.sentences).toEqual(["The lake is deep. [1]", "It holds gas"].slice(0, first.sentences.length));
    const rest = wholeSentences(text, first.to, true);
    expect([...first.sentences, ...rest.sentences].join(" ")).toBe("The lake is deep. [1] It holds gas See it");
    expect(rest.to).toBe(text.length);
  });
});

describe("reading aloud", () => {
  it("says so where the box has no voice for it", async () => {
    fakeBox({ "POST /api/v1/ai/speak": { status: 422, body: { code: "invalid", detail: "No voice." } } });
    const silent = vi.fn();
    new Reading("q", "", silent).feed("Ikiyaga ni kirekire. Gifite metero 480.", "rw", true);
    await vi.waitFor(() => {
      expect(silent).toHaveBeenCalledOnce();
    });
    expect(speaking.get()).toBeNull();
  });
});
