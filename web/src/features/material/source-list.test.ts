import { describe, expect, it } from "vitest";
import type { Source } from "@/api/types";
import { append, emptyList, fromPage, upsert, without } from "./source-list";

const source = (id: string, created: string, more: Partial<Source> = {}): Source =>
  ({ id, title: id, created_at: created, status: "ready", ...more }) as Source;
const list = fromPage({
  items: [source("b", "2026-11-23T08:00:00.5Z"), source("a", "2026-11-22T08:00:00Z")],
  next: "2",
  total: 5,
});
const ids = ({ items }: { items: readonly Source[] }) => items.map((item) => item.id);

describe("the list of sources", () => {
  it("goes on with the next page, each source once", () => {
    const longer = append(list, { items: [source("a", ""), source("z", "")], next: "", total: 4 });
    expect(ids(longer)).toEqual(["b", "a", "z"]);
    expect(longer).not.toHaveProperty("next");
  });

  it("changes a known source in place, also one that no longer fits the filter", () => {
    const changed = upsert(list, source("a", "2026-11-22T08:00:00Z", { status: "failed" }), false);
    expect(ids(changed)).toEqual(["b", "a"]);
    expect(changed.items[1]?.status).toBe("failed");
  });

  it("puts a new source on top, and leaves a filtered list alone", () => {
    const fresh = source("c", "2026-11-23T08:00:01Z");
    expect(ids(upsert(list, fresh, true))).toEqual(["c", "b", "a"]);
    expect(upsert(list, fresh, true).total).toBe(6);
    expect(ids(upsert(list, fresh, false))).toEqual(["b", "a"]);
    expect(ids(upsert(emptyList, fresh, true))).toEqual(["c"]);
  });

  it("does not pull an old source up from a part that is not loaded", () => {
    expect(ids(upsert(list, source("old", "2026-01-01T08:00:00Z"), true))).toEqual(["b", "a"]);
  });

  it("drops a deleted source once", () => {
    const shorter = without(list, "b");
    expect([ids(shorter), shorter.total]).toEqual([["a"], 4]);
    expect(without(shorter, "b").total).toBe(4);
  });
});
