import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { session } from "@/api/session";
import type { Feedback, Me, Pin, Role } from "@/api/types";
import { fakeBox, page } from "@/testing/fake-box";
import { signInAs } from "@/testing/signed-in";
import { LiveRegion } from "@/ui/live";
import FeedbackScreen from "./feedback-screen";
import PinsScreen from "./pins-screen";

const at = "2026-01-01T00:00:00Z";
const citation = {
  number: 1,
  chunk_id: 7,
  source_id: "kivu",
  source_title: "kivu.pdf",
  source_kind: "pdf" as const,
  place: { page: 2 },
  text: "The lake is 48 metres deep.",
};
const feedback: Feedback = {
  id: "f1",
  up: false,
  reason: "wrong",
  note: "My book says 480",
  user: { id: "u", name: "Keza" },
  classes: [{ id: "p5", name: "P5 Blue" }],
  question: "How deep is Lake Kivu?",
  answer: {
    responseText: "It is 48 metres deep. [1]",
    mode: "answer",
    citations: [citation],
    actions: [],
    suggested_gesture: "",
    animation_hint: "",
    conversation_id: "c",
    message_id: "m",
    total_ms: 1,
  },
  created_at: at,
};
const pin: Pin = {
  id: "p1",
  question: "How deep is Lake Kivu?",
  text: "480 metres.",
  passages: [7],
  class_ids: ["p5"],
  classes: [{ id: "p5", name: "P5 Blue" }],
  citations: [citation],
  by: "Aline",
  created_at: at,
  updated_at: at,
  may_change: true,
};
const classes = page([{ id: "p5", name: "P5 Blue" }]);
const root = "/api/v1/orgs/default/feedback";

function me(role: Role): Me {
  signInAs(role);
  const now = session.get();
  if (now.is !== "in") throw new Error("nobody is signed in");
  return now.me;
}

function bodies(): unknown[] {
  const sent: unknown[] = [];
  const fetched = globalThis.fetch;
  vi.stubGlobal("fetch", (to: string, init?: RequestInit) => {
    if (typeof init?.body === "string") sent.push(JSON.parse(init.body));
    return fetched(to, init);
  });
  return sent;
}

function showFeedback(role: Role = "teacher", list: readonly Feedback[] = [feedback]) {
  const requests = fakeBox({
    [`GET ${root}`]: page(list),
    [`GET ${root}/count`]: { body: { open: 0, down: 1, up: 4 } },
    [`PUT ${root}/f1/done`]: { status: 204 },
    [`DELETE ${root}/f1/done`]: { status: 204 },
    "PUT /api/v1/knowledge/kivu/passages/7/wrong": { body: {} },
    "DELETE /api/v1/knowledge/kivu/passages/7/wrong": { body: {} },
    "GET /api/v1/orgs/default/classes": classes,
    "GET /api/v1/personas": page([]),
    "POST /api/v1/pins": { status: 201, body: pin },
  });
  const sent = bodies();
  render(
    <>
      <FeedbackScreen me={me(role)} />
      <LiveRegion />
    </>,
  );
  return { requests, sent };
}

describe("what pupils think of answers", () => {
  it("shows question, reason, note, class and sources; what is dealt with can be undone", async () => {
    const { requests } = showFeedback();
    const card = within(await screen.findByRole("article"));
    for (const text of ["Keza", "P5 Blue", "It is wrong", "My book says 480", "How deep is Lake Kivu?"]) {
      expect(card.getByText(text, { exact: false })).toBeVisible();
    }
    expect(card.getByRole("link", { name: /kivu\.pdf/ })).toHaveAttribute("href", "/material/kivu?chunk=7&page=2");
    await userEvent.click(card.getByRole("button", { name: "I have dealt with it" }));
    await userEvent.click(await card.findByRole("button", { name: "Undo" }));
    expect(await card.findByRole("button", { name: "I have dealt with it" })).toBeVisible();
    expect(requests.filter((one) => one.includes("/f1/done"))).toEqual([
      `PUT ${root}/f1/done`,
      `DELETE ${root}/f1/done`,
    ]);
    expect(screen.getByText("1 not good, 4 good")).toBeVisible();
  });

  it("asks for what is open, and searches", async () => {
    const { requests } = showFeedback("teacher", []);
    expect(await screen.findByText("Nobody is waiting for you here.")).toBeVisible();
    expect(requests).toContain(`GET ${root}?open=true`);
    await userEvent.type(screen.getByLabelText("Search questions and answers"), "kivu");
    expect(await screen.findByText("Nothing fits this search.")).toBeVisible();
    await userEvent.selectOptions(screen.getByLabelText("What pupils think of answers"), "Good");
    await vi.waitFor(() => {
      expect(requests).toContain(`GET ${root}?search=kivu&up=true`);
    });
  });

  it("pins the right answer for the pupil's class, with its source, and is done with that", async () => {
    const { requests, sent } = showFeedback();
    await userEvent.click(await screen.findByRole("button", { name: "Write the right answer" }));
    const dialog = within(screen.getByRole("dialog"));
    expect(dialog.getByLabelText("Question")).toHaveValue("How deep is Lake Kivu?");
    expect(await dialog.findByLabelText("P5 Blue")).toBeChecked();
    const save = dialog.getByRole("button", { name: "Pin this answer" });
    expect(save).toBeDisabled();
    await userEvent.type(dialog.getByLabelText(/^Answer/), "480 metres.");
    await userEvent.click(dialog.getByLabelText("P5 Blue"));
    expect(save).toBeDisabled(); // only the office speaks for the whole school
    await userEvent.click(dialog.getByLabelText("P5 Blue"));
    await userEvent.click(save);
    expect(await screen.findByText("Whoever asks this next gets your answer.")).toBeVisible();
    expect(sent[0]).toEqual({
      question: "How deep is Lake Kivu?",
      text: "480 metres.",
      passages: [7],
      class_ids: ["p5"],
    });
    await vi.waitFor(() => {
      expect(requests).toContain(`PUT ${root}/f1/done`);
    });
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  it("marks a cited passage as wrong, and takes that back", async () => {
    showFeedback();
    await userEvent.click(await screen.findByRole("button", { name: "Mark this passage as wrong" }));
    expect((await screen.findByText(citation.text, { selector: "s" })).tagName).toBe("S");
    await userEvent.click(screen.getByRole("button", { name: "Take that back" }));
    expect(await screen.findByRole("button", { name: "Mark this passage as wrong" })).toBeVisible();
  });

  it("says that an answer is made of what the teacher does not see", async () => {
    showFeedback("teacher", [
      { ...feedback, withheld: true, answer: { ...feedback.answer, responseText: "", citations: [] } },
    ]);
    expect(await screen.findByText("The answer is made from another class's material.")).toBeVisible();
    expect(screen.queryByText("Answer of the tutor")).toBeNull();
  });
});

describe("pinned answers", () => {
  function showPins(list: readonly Pin[] = [pin]) {
    const requests = fakeBox({
      "GET /api/v1/pins": page(list),
      "DELETE /api/v1/pins/p1": { status: 204 },
      "POST /api/v1/pins/p1/back": { body: pin },
      "PUT /api/v1/pins/p1": {
        status: 403,
        body: { code: "forbidden", reason: "pin_for_all", detail: "Only the office." },
      },
      "GET /api/v1/orgs/default/classes": classes,
      "GET /api/v1/personas": page([{ id: "ada", name: "Ada" }]),
    });
    const sent = bodies();
    render(<PinsScreen me={me("teacher")} />);
    return { requests, sent };
  }

  it("are listed with whom they are for, removed, and brought back", async () => {
    const { requests } = showPins();
    expect(await screen.findByText(/P5 Blue · by Aline · kivu\.pdf/)).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Remove" }));
    expect(await screen.findByText(/Removed\./, { selector: "span" })).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Undo" }));
    expect(await screen.findByRole("button", { name: "Remove" })).toBeVisible();
    expect(requests).toContain("DELETE /api/v1/pins/p1");
    expect(requests).toContain("POST /api/v1/pins/p1/back");
  });

  it("are changed; what the box refuses is told, and nothing typed is lost", async () => {
    const { sent } = showPins();
    await userEvent.click(await screen.findByRole("button", { name: "Change" }));
    const dialog = within(screen.getByRole("dialog"));
    await userEvent.type(dialog.getByLabelText(/^Answer/), " Really.");
    await userEvent.click(await dialog.findByLabelText("P5 Blue"));
    await userEvent.selectOptions(await dialog.findByLabelText("When this tutor is asked"), "Ada");
    await userEvent.click(dialog.getByRole("button", { name: "Pin this answer" }));
    expect(await dialog.findByText("Only the office.")).toBeVisible();
    expect(dialog.getByLabelText(/^Answer/)).toHaveValue("480 metres. Really.");
    expect(sent[0]).toMatchObject({ text: "480 metres. Really.", class_ids: [], persona_id: "ada", passages: [7] });
  });

  it("show nothing where there are none, and what others pinned cannot be changed", async () => {
    showPins([{ ...pin, may_change: false, classes: [], by: "" }]);
    expect(await screen.findByText(/For the whole school/)).toBeVisible();
    expect(screen.queryByRole("button", { name: "Remove" })).toBeNull();
  });
});
