import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { watchIdle } from "./idle";
import { pick } from "./pictures";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it("warns, takes any touch for an answer, and ends it", () => {
  const told: string[] = [];
  const stop = watchIdle(120_000, {
    onWarn: (left) => told.push(`warn ${String(left)}`),
    onBack: () => told.push("back"),
    onOver: () => told.push("over"),
  });
  vi.advanceTimersByTime(89_000);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(1000);
  expect(told).toEqual(["warn 30"]);
  window.dispatchEvent(new Event("pointerdown"));
  expect(told.at(-1)).toBe("back");
  vi.advanceTimersByTime(119_000);
  expect(told).not.toContain("over");
  vi.advanceTimersByTime(2000);
  expect(told.at(-1)).toBe("over");
  const seen = told.length;
  vi.advanceTimersByTime(600_000);
  expect(told).toHaveLength(seen);
  stop();
});

it.each([3, 4])("takes %i pictures, each once", (count) => {
  let chosen: readonly string[] = [];
  for (const id of ["sun", "sun", "cow", "cup", "moon", "key"]) chosen = pick(chosen, id, count);
  expect(chosen).toEqual(["sun", "cow", "cup", "moon"].slice(0, count));
});
