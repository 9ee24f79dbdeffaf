import { describe, expect, it } from "vitest";
import { clock, fileSize, queueTime, shortDate, timeLeft } from "./format";
import { en } from "./i18n/en";
import { translate, type Key, type Params, type Translate } from "./i18n/translate";
import { newId } from "./id";
import { placeText } from "./place";

const t: Translate = (key: Key, ...params: readonly Params[]) => translate("en", en, key, params[0]);

describe("clock", () => {
  it.each([
    [0, "0:00"],
    [65.9, "1:05"],
    [3599, "59:59"],
    [3729, "1:02:09"],
    [-3, "0:00"],
  ])("writes %d s as %s", (seconds, text) => {
    expect(clock(seconds)).toBe(text);
  });
});

describe("fileSize", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1 kB"],
    [2_440_000, "2.4 MB"],
    [999_700, "1 MB"],
    [188_000_000, "188 MB"],
    [4_300_000_000, "4.3 GB"],
  ])("writes %d as %s", (bytes, text) => {
    expect(fileSize("en", bytes)).toBe(text);
  });
  it("uses the language's comma", () => {
    expect(fileSize("fr", 2_440_000)).toBe("2,4 MB");
  });
});

describe("times to wait", () => {
  it.each([
    [3, "almost done"],
    [12, "about 15 seconds left"],
    [58, "about 1 minute left"],
    [312, "about 6 minutes left"],
    [5400, "about 1.5 hours left"],
  ])("%d s is %s", (seconds, text) => {
    expect(timeLeft(t, seconds)).toBe(text);
  });
  it("tells a turn", () => {
    expect(queueTime(t, 40)).toBe("Your turn comes in about 40 seconds.");
    expect(queueTime(t, 1)).toBe("It is almost your turn.");
  });
});

describe("shortDate", () => {
  const now = new Date(2026, 10, 23, 9, 0);
  it("shows the time today, the day this year, and the year before", () => {
    expect(shortDate(new Date(2026, 10, 23, 8, 5).toISOString(), now)).toBe("08:05");
    expect(shortDate(new Date(2026, 2, 3, 8, 5).toISOString(), now)).toBe("03/03");
    expect(shortDate(new Date(2025, 2, 3, 8, 5).toISOString(), now)).toBe("03/03/2025");
  });
  it("shows nothing of a clock that was never set right", () => {
    expect(shortDate("", now)).toBe("");
  });
});

describe("placeText", () => {
  it("tells a recording by its time, also at its very start", () => {
    expect(placeText(t, "video", { end: 9 })).toBe("0:00");
    expect(placeText(t, "audio", { start: 245, end: 260 })).toBe("4:05");
  });
  it("tells the others by what they have", () => {
    expect(placeText(t, "pdf", { page: 3 })).toBe("page 3");
    expect(placeText(t, "book", { page: 3 })).toBe("part 3");
    expect(placeText(t, "slides", { slide: 12 })).toBe("slide 12");
    expect(placeText(t, "sheet", { sheet: "Marks" })).toBe("sheet Marks");
    expect(placeText(t, "text", {})).toBe("");
  });
});

describe("newId", () => {
  it("is what the box takes for a question's id, and never the same", () => {
    const ids = Array.from({ length: 200 }, newId);
    expect(new Set(ids).size).toBe(200);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
