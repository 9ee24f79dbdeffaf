import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Ask } from "@/api/socket";
import type { AnswerFrame } from "@/api/types";
import { Asker, type Line } from "./asker";

interface Asked extends Ask {
  readonly receive: (type: string, data?: unknown) => void;
}

let asked: Asked[];
let line: Line & { cancelled: string[]; forgotten: string[] };

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  line = {
    cancelled: [],
    forgotten: [],
    ask(ask, onFrame) {
      let seq = 0;
      const receive = (type: string, data: unknown = {}) => {
        onFrame({ v: 1, request: ask.request, seq: ++seq, type, data } as AnswerFrame);
      };
      asked.push({ ...ask, receive });
    },
    cancel: (request) => line.cancelled.push(request),
    forget: (request) => line.forgotten.push(request),
  };
});

const phases = (asker: Asker) => asker.turns.get().map((turn) => turn.phase);

describe("Asker", () => {
  it("shows a question at once, and its text in batches", () => {
    const asker = new Asker(line);
    asker.ask("Why?", "c1");
    expect(phases(asker)).toEqual(["sending"]);
    asked[0]?.receive("accepted", { conversation_id: "c1" });
    expect(phases(asker)).toEqual(["searching"]);
    let changes = 0;
    asker.turns.subscribe(() => changes++);
    for (const text of ["Be", "cau", "se"]) asked[0]?.receive("token", { text });
    expect(changes).toBe(0);
    vi.advanceTimersByTime(40);
    expect(changes).toBe(1);
    expect(asker.turns.get()[0]?.text).toBe("Because");
  });

  it("loses no token that waits when the answer ends", () => {
    const asker = new Asker(line);
    asker.ask("Why?");
    asked[0]?.receive("token", { text: "Half" });
    asked[0]?.receive("error", { code: "unavailable", message: "Broken." });
    expect(asker.turns.get()[0]).toMatchObject({ phase: "failed", text: "Half" });
  });

  it("takes up, after a reload, what was on its way, under the same id", () => {
    const request = new Asker(line).ask("Why?", "c1");
    const reloaded = new Asker(line);
    reloaded.resume();
    expect(asked[1]).toMatchObject({ request, text: "Why?", conversation: "c1" });
    expect(phases(reloaded)).toEqual(["sending"]);
  });

  it("does not take up what has ended or was stopped", () => {
    const asker = new Asker(line);
    asker.ask("Done?");
    asked[0]?.receive("done", { responseText: "Yes.", conversation_id: "c1" });
    const stopped = asker.ask("Stop?");
    asker.stop(stopped);
    expect(line.cancelled).toEqual([stopped]);
    expect(phases(asker)).toEqual(["done", "stopped"]);
    new Asker(line).resume();
    expect(asked).toHaveLength(2);
  });

  it("is not confused by what else is stored", () => {
    sessionStorage.setItem("bwenge.pending", '[{"request":1},null,"x"]');
    new Asker(line).resume();
    sessionStorage.setItem("bwenge.pending", "{");
    new Asker(line).resume();
    expect(asked).toEqual([]);
  });

  it("asks the same tutor after a reload, and again", () => {
    const request = new Asker(line).ask("Why?", "c1", "ada");
    const reloaded = new Asker(line);
    reloaded.resume();
    expect(asked[1]).toMatchObject({ request, persona: "ada" });
    asked[1]?.receive("error", { code: "busy", message: "Busy." });
    const [turn] = reloaded.turns.get();
    if (turn) reloaded.again(turn);
    expect(asked[2]).toMatchObject({ text: "Why?", persona: "ada" });
    new Asker(line).ask("Why?");
    expect(asked[3]).not.toHaveProperty("persona");
  });

  it("asks again under a new id, in the place of the old question", () => {
    const asker = new Asker(line);
    const first = asker.ask("Why?", "c1");
    asked[0]?.receive("error", { code: "busy", message: "Busy." });
    const [turn] = asker.turns.get();
    const second = turn && asker.again(turn);
    expect(second).not.toBe(first);
    expect(asker.turns.get()).toHaveLength(1);
    expect(asked[1]).toMatchObject({ text: "Why?", conversation: "c1" });
  });
});
