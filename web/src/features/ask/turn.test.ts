import { describe, expect, it } from "vitest";
import type { Answer, AnswerFrame, Message } from "@/api/types";
import { advance, isLive, merge, newTurn, turnsOf, type Turn } from "./turn";

const answer: Answer = {
  responseText: "Because.",
  mode: "answer",
  citations: [],
  actions: [],
  suggested_gesture: "",
  animation_hint: "",
  conversation_id: "c1",
  message_id: "m2",
  total_ms: 1,
};

function frame(type: AnswerFrame["type"], data: unknown): AnswerFrame {
  return { v: 1, request: "q1", seq: 1, type, data } as AnswerFrame;
}

function run(frames: readonly AnswerFrame[]): Turn {
  return frames.reduce(advance, newTurn("q1", "Why?"));
}

const accepted = frame("accepted", { conversation_id: "c1", message_id: "m1" });
const sources = frame("sources", { passages: [{ id: 7 }] });

describe("advance", () => {
  it("goes from the question to the answer", () => {
    const turn = run([accepted, sources, frame("token", { text: "Be" }), frame("token", { text: "cause" })]);
    expect(turn).toMatchObject({ phase: "writing", conversation: "c1", text: "Because", passages: [{ id: 7 }] });
    expect(advance(turn, frame("done", answer))).toMatchObject({ phase: "done", text: "Because.", answer });
  });

  it("adds what to go on with to an answer that is done, and changes nothing else", () => {
    const actions = [{ type: "suggest_questions", payload: { questions: ["Why not?"] } }];
    const turn = run([accepted, sources, frame("token", { text: "Because." }), frame("done", answer)]);
    const more = advance(turn, frame("actions", { actions }));
    expect(more).toEqual({ ...turn, answer: { ...answer, actions } });
    expect(advance(run([accepted]), frame("actions", { actions }))).toMatchObject({ phase: "searching" });
    const stored: Turn = { ...turn, answer };
    expect(merge([stored], [more])).toEqual([more]);
    expect(merge([more], [stored])).toEqual([more]);
  });

  it("tells the place in the line until the tutor writes", () => {
    const waiting = run([accepted, sources, frame("position", { ahead: 3, seconds_left: 40 })]);
    expect(waiting.queue).toEqual({ ahead: 3, secondsLeft: 40 });
    expect(advance(waiting, frame("position", { ahead: 0, seconds_left: 0 })).queue).toBeUndefined();
    expect(advance(waiting, frame("token", { text: "B" })).queue).toBeUndefined();
  });

  it("keeps what was written when the answer breaks off", () => {
    const turn = run([
      accepted,
      frame("token", { text: "Half" }),
      frame("error", { code: "unavailable", message: "Broken." }),
    ]);
    expect(turn).toMatchObject({ phase: "failed", text: "Half", problem: { message: "Broken." } });
    expect(isLive(turn)).toBe(false);
  });

  it("takes a cancelled answer for a stopped one, not for a failure", () => {
    expect(run([accepted, frame("error", { code: "cancelled", message: "Stopped." })]).phase).toBe("stopped");
  });
});

describe("turnsOf", () => {
  const message = (role: "user" | "assistant", request: string, text: string): Message => ({
    id: role + request,
    role,
    text,
    request_id: request,
    created_at: "",
    ...(role === "assistant" && { answer }),
  });

  it("puts answers under their questions, and shows those without one", () => {
    const turns = turnsOf(
      [message("user", "a", "A?"), message("user", "b", "B?"), message("assistant", "a", "A!")],
      "c1",
    );
    expect(turns.map(({ question, phase, text }) => [question, phase, text])).toEqual([
      ["A?", "done", "A!"],
      ["B?", "unanswered", ""],
    ]);
  });
});

describe("merge", () => {
  const stored: Turn = { ...newTurn("q1", "Why?", "c1"), phase: "done", text: "Because.", answer };

  it("prefers a live turn over a question that is stored without an answer", () => {
    const live: Turn = { ...newTurn("q1", "Why?", "c1"), phase: "writing", text: "Be" };
    expect(merge([{ ...stored, phase: "unanswered" }], [live])).toEqual([live]);
  });

  it("prefers a stored answer over a turn that missed its end", () => {
    expect(merge([stored], [{ ...newTurn("q1", "Why?", "c1"), phase: "writing" }])).toEqual([stored]);
  });

  it("adds what the box has not stored yet at the end", () => {
    const next = newTurn("q2", "And?", "c1");
    expect(merge([stored], [next]).map((turn) => turn.request)).toEqual(["q1", "q2"]);
  });
});
