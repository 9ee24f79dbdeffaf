import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import type { Answer } from "@/api/types";
import { fakeBox } from "@/testing/fake-box";
import { LiveRegion } from "@/ui/live";
import { Actions } from "./actions";

function show(actions: Answer["actions"]) {
  const answer: Answer = {
    responseText: "",
    mode: "answer",
    citations: [],
    actions,
    suggested_gesture: "",
    animation_hint: "",
    conversation_id: "c",
    message_id: "m",
    total_ms: 1,
  };
  render(
    <>
      <Actions answer={answer} conversation="c" />
      <LiveRegion />
    </>,
  );
}

describe("a quiz", () => {
  it("keeps the choices of two questions apart that have the same words", async () => {
    const same = { text: "Which is it?", options: ["a lake", "a hill"], answer: 0 };
    show([{ type: "start_quiz", payload: { questions: [same, { ...same, answer: 1 }] } }]);
    await userEvent.click(screen.getByRole("button", { name: "Test yourself" }));
    const groups = screen.getAllByRole("group", { name: "Which is it?" });
    expect(groups).toHaveLength(2);
    for (const group of groups) await userEvent.click(within(group).getByRole("radio", { name: "a lake" }));
    expect(screen.getAllByRole("radio", { checked: true })).toHaveLength(2);
    expect(new Set(screen.getAllByRole<HTMLInputElement>("radio").map(({ name }) => name)).size).toBe(2);
    expect(screen.getByText("Right!")).toBeVisible();
    expect(screen.getByText("Not quite. It is a hill.")).toBeVisible();
  });
});

describe("calling the teacher", () => {
  it.each([
    [["Aline Uwera", "Paul Habimana"], "Aline Uwera, Paul Habimana will see that you asked."],
    [[], "Your school will see that you asked."],
  ])("says who will come: %s", async (teachers, told) => {
    const requests = fakeBox({ "POST /api/v1/ai/help": { body: { teachers } } });
    show([{ type: "call_teacher", payload: {} }]);
    await userEvent.click(screen.getByRole("button", { name: "Ask my teacher" }));
    expect(await screen.findByText(told)).toBeVisible();
    expect(requests).toEqual(["POST /api/v1/ai/help"]);
  });
});
