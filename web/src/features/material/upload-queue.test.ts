import { beforeEach, describe, expect, it, vi } from "vitest";
import { BoxError, UnreachableError } from "@/api/client";
import type { Source, Uploaded } from "@/api/types";
import type { UploadOptions } from "@/api/upload";
import { UploadQueue } from "./upload-queue";

interface Sending extends UploadOptions {
  readonly file: File;
  readonly finish: (uploaded: Partial<Uploaded>) => Promise<void>;
  readonly fail: (error: unknown) => Promise<void>;
}

let sendings: Sending[];
let stored: Source[];
let queue: UploadQueue;

const settled = () => new Promise<void>((resolve) => setTimeout(resolve));
const file = (name: string) => new File(["x"], name);
const source = (id: string) => ({ id }) as Source;

beforeEach(() => {
  sendings = [];
  stored = [];
  queue = new UploadQueue(
    (sent, options) =>
      new Promise<Uploaded>((resolve, reject) => {
        options.signal.addEventListener("abort", () => {
          reject(new DOMException("", "AbortError"));
        });
        sendings.push({
          ...options,
          file: sent,
          finish: (uploaded) => {
            resolve({ existed: false, source: source("s"), ...uploaded });
            return settled();
          },
          fail: (error) => {
            reject(error instanceof Error ? error : new Error());
            return settled();
          },
        });
      }),
    (added) => stored.push(added),
  );
});

const phases = () => queue.uploads.get().map((upload) => `${upload.name} ${upload.phase}`);

describe("UploadQueue", () => {
  it("sends two at a time, the rest in order", async () => {
    queue.add([file("a"), file("b"), file("c")]);
    expect(sendings.map((sending) => sending.file.name)).toEqual(["a", "b"]);
    await sendings[1]?.finish({});
    expect(sendings.map((sending) => sending.file.name)).toEqual(["a", "b", "c"]);
    expect(phases()).toEqual(["a sending", "b added", "c sending"]);
    expect(queue.busy).toBe(true);
  });

  it("tells how far a file is, and that the box is storing it", () => {
    queue.add([file("a")]);
    sendings[0]?.onProgress(30, 120);
    expect(queue.uploads.get()[0]).toMatchObject({ phase: "sending", progress: 0.25 });
    sendings[0]?.onProgress(120, 120);
    expect(phases()).toEqual(["a storing"]);
  });

  it("says when the box has a file already", async () => {
    queue.add([file("a")]);
    await sendings[0]?.finish({ existed: true, source: source("old") });
    expect(queue.uploads.get()[0]).toMatchObject({ phase: "existed", source: { id: "old" } });
    expect(stored).toEqual([{ id: "old" }]);
  });

  it("keeps a refused file with its reason, and sends it again on demand", async () => {
    queue.add([file("a")]);
    await sendings[0]?.fail(new BoxError(507, { code: "no_space", reason: "disk_full", message: "Full." }));
    const failed = queue.uploads.get()[0];
    expect(failed).toMatchObject({ phase: "failed", problem: { reason: "disk_full" } });
    queue.retry(failed?.id ?? "");
    expect(queue.uploads.get()[0]).not.toHaveProperty("problem");
    await sendings[1]?.finish({});
    expect(phases()).toEqual(["a added"]);
    queue.retry(failed?.id ?? "");
    expect(sendings).toHaveLength(2);
  });

  it("sends a file again with what was answered about its name", async () => {
    queue.add([file("a")]);
    await sendings[0]?.fail(new BoxError(409, { code: "conflict", reason: "same_name", message: "Another." }));
    expect(sendings[0]).not.toHaveProperty("sameName");
    queue.answer(queue.uploads.get()[0]?.id ?? "", "replace");
    expect(sendings[1]).toMatchObject({ sameName: "replace" });
    await sendings[1]?.finish({});
    expect(phases()).toEqual(["a added"]);
  });

  it("takes an added file off the list after a moment, but not one that was there before", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    queue.add([file("a"), file("b")]);
    void sendings[0]?.finish({});
    void sendings[1]?.finish({ existed: true });
    await vi.advanceTimersByTimeAsync(10);
    expect(phases()).toEqual(["a added", "b existed"]);
    await vi.advanceTimersByTimeAsync(4000);
    expect(phases()).toEqual(["b existed"]);
  });

  it("tells a lost link from a refusal", async () => {
    queue.add([file("a")]);
    await sendings[0]?.fail(new UnreachableError());
    expect(queue.uploads.get()[0]?.problem?.reason).toBe("unreachable");
  });

  it("stops a file that is being sent, and goes on with the next", async () => {
    queue.add([file("a"), file("b"), file("c")]);
    queue.remove(queue.uploads.get()[0]?.id ?? "");
    await settled();
    expect(sendings[0]?.signal.aborted).toBe(true);
    expect(phases()).toEqual(["b sending", "c sending"]);
  });

  it("tidies up what went well, and keeps the rest", async () => {
    queue.add([file("a"), file("b")]);
    await sendings[0]?.finish({});
    await sendings[1]?.fail(new UnreachableError());
    queue.clearFinished();
    expect(phases()).toEqual(["b failed"]);
    expect(queue.busy).toBe(false);
  });
});
