import { describe, expect, it, vi } from "vitest";
import { findChunk } from "./material";
import type { Chunk } from "./types";

/** A box with one long book, which counts what it is asked. */
function serve(total: number, firstId: number) {
  const requests: string[] = [];
  vi.stubGlobal("fetch", (path: string) => {
    requests.push(path);
    const query = new URL(path, "http://box").searchParams;
    const from = Number(query.get("from"));
    const until = Math.min(total, from + Number(query.get("limit")));
    const items: Partial<Chunk>[] = [];
    for (let seq = from; seq < until; seq++) items.push({ id: firstId + seq * 3, seq, text: String(seq) });
    return Promise.resolve(new Response(JSON.stringify({ items, total }), { status: 200 }));
  });
  return requests;
}

describe("findChunk", () => {
  it.each([0, 99, 100, 2500, 4999])("finds chunk %d of a book of 5000 within a few requests", async (seq) => {
    const requests = serve(5000, 1000);
    expect((await findChunk("s", 1000 + seq * 3))?.seq).toBe(seq);
    expect(requests.length).toBeLessThanOrEqual(8);
  });

  it.each([1, 1001, 99_999])("gives up on %d, which is not there", async (id) => {
    serve(5000, 1000);
    expect(await findChunk("s", id)).toBeUndefined();
  });

  it("finds nothing in an empty source", async () => {
    serve(0, 1);
    expect(await findChunk("s", 1)).toBeUndefined();
  });
});
