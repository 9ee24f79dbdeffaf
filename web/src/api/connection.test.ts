import { expect, it, vi } from "vitest";
import { connection } from "./connection";

function see(state: "hidden" | "visible") {
  vi.spyOn(document, "visibilityState", "get").mockReturnValue(state);
  document.dispatchEvent(new Event("visibilitychange"));
}

it("counts it as a return when somebody comes back to a tab after a while", () => {
  vi.useFakeTimers();
  const before = connection.get().returns;
  see("hidden");
  vi.advanceTimersByTime(1000);
  see("visible");
  expect(connection.get().returns).toBe(before);
  see("hidden");
  vi.advanceTimersByTime(20_000);
  see("visible");
  expect(connection.get().returns).toBe(before + 1);
});
