import { beforeEach, expect, it, vi } from "vitest";
import { signInAs } from "@/testing/signed-in";
import { get } from "./client";
import { session } from "./session";

const expired = { code: "unauthorized", reason: "token_expired", detail: "You are not signed in any more." };
const signedIn = { user: {}, organization: {}, token_type: "Cookie", expires_in: 900 };

interface Answers {
  readonly fresh: boolean; // whether refreshing helps
  readonly lost?: number; // answers to a refresh that get lost
}

/** A box whose access token has expired. Returns the requests that it saw. */
function expiredBox({ fresh, lost = 0 }: Answers): string[] {
  const seen: string[] = [];
  let good = false;
  let losses = lost;
  vi.stubGlobal("fetch", (path: string) => {
    seen.push(path);
    if (path.endsWith("/auth/refresh")) {
      if (losses-- > 0) return Promise.reject(new TypeError("lost"));
      good = fresh;
      return Promise.resolve(new Response(JSON.stringify(fresh ? signedIn : expired), { status: fresh ? 200 : 401 }));
    }
    return Promise.resolve(new Response(JSON.stringify(good ? { path } : expired), { status: good ? 200 : 401 }));
  });
  return seen;
}

const refreshes = (seen: readonly string[]) => seen.filter((path) => path.endsWith("/auth/refresh")).length;

beforeEach(() => {
  signInAs("student");
});

it("refreshes once however many requests find the token expired", async () => {
  const seen = expiredBox({ fresh: true });
  const all = await Promise.all(["/a", "/b", "/c"].map((path) => get<{ path: string }>(path)));
  expect(all.map(({ path }) => path)).toEqual(["/a", "/b", "/c"]);
  expect(refreshes(seen)).toBe(1);
  expect(session.get().is).toBe("in");
});

it("asks for a lost refresh again", async () => {
  vi.useFakeTimers();
  const seen = expiredBox({ fresh: true, lost: 2 });
  const answer = get<{ path: string }>("/a");
  await vi.advanceTimersByTimeAsync(5000);
  expect((await answer).path).toBe("/a");
  expect(refreshes(seen)).toBe(3);
  vi.useRealTimers();
});

it("goes to the sign-in when the session is over", async () => {
  expiredBox({ fresh: false });
  await expect(get("/a")).rejects.toThrow();
  expect(session.get().is).toBe("out");
});
