import { act, cleanup, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Answer, Conversation, Passage } from "@/api/types";
import { fakeBox, page, source } from "@/testing/fake-box";
import { FakeSocket } from "@/testing/fake-socket";

const passage: Passage = {
  id: 7,
  source_id: "vol",
  source_title: "volcanoes.pdf",
  source_kind: "pdf",
  seq: 3,
  text: "Karisimbi is the highest.",
  place: { page: 2 },
  score: 0.9,
};
const answer: Answer = {
  responseText: "It is **Karisimbi** [1].",
  mode: "answer",
  citations: [
    {
      number: 1,
      chunk_id: 7,
      source_id: "vol",
      source_title: "volcanoes.pdf",
      source_kind: "pdf",
      place: { page: 2 },
      text: passage.text,
    },
  ],
  actions: [],
  suggested_gesture: "point",
  animation_hint: "explaining",
  conversation_id: "c1",
  message_id: "m2",
  total_ms: 900,
};
const conversation: Conversation = {
  id: "c1",
  title: "Which is the highest?",
  messages: 2,
  created_at: "2026-11-23T08:00:00Z",
  updated_at: "2026-11-23T08:00:00Z",
};
const stored = (given: Answer) => ({
  body: {
    conversation,
    messages: [
      { id: "m1", role: "user", text: "Which is the highest?", request_id: "old", created_at: "" },
      { id: "m2", role: "assistant", text: given.responseText, request_id: "old", answer: given, created_at: "" },
    ],
  },
});

const routes = {
  "GET /api/v1/knowledge": page([source("vol", { title: "volcanoes.pdf" })]),
  "GET /api/v1/conversations": page([conversation]),
  "GET /api/v1/conversations/c1": stored(answer),
};

// What the box has stored of a conversation whose first question is on its way.
const fresh = { ...routes, "GET /api/v1/conversations/c1": { body: { conversation, messages: [] } } };

let sockets: FakeSocket[];

/** A fresh app: the asker and its socket live as long as their module. */
async function show(address = "/") {
  vi.resetModules();
  history.replaceState(null, "", address);
  const { AskScreen } = await import("./ask-screen");
  const { LiveRegion } = await import("@/ui/live");
  render(
    <>
      <AskScreen />
      <LiveRegion />
    </>,
  );
}

/** Asks, and gives the box's end of the line. */
async function ask(question: string) {
  await userEvent.type(screen.getByLabelText("Your question"), `${question}{Enter}`);
  const socket = sockets[sockets.length - 1];
  if (!socket) throw new Error("nothing was asked");
  act(() => {
    socket.accept();
  });
  const request = socket.sent[0]?.type === "ask" ? socket.sent[0].request : "";
  let seq = 0;
  return {
    socket,
    tell: (type: string, data: unknown) => {
      act(() => {
        socket.receive(type, request, ++seq, data);
      });
    },
  };
}

beforeEach(() => {
  sockets = [];
  const connect = function () {
    const socket = new FakeSocket();
    sockets.push(socket);
    return socket;
  };
  vi.stubGlobal("WebSocket", Object.assign(connect, { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 }));
});

describe("asking", () => {
  it("shows what there is to ask about", async () => {
    fakeBox(routes);
    await show();
    expect(await screen.findByText("What would you like to know?")).toBeVisible();
    expect(await screen.findByRole("link", { name: "volcanoes.pdf" })).toHaveAttribute("href", "/material/vol");
  });

  it("says so when there is no material yet", async () => {
    fakeBox({ ...routes, "GET /api/v1/knowledge": page([]) });
    await show();
    const { signInAs } = await import("@/testing/signed-in"); // of the same life as the screen
    act(() => {
      signInAs("teacher");
    });
    expect(await screen.findByText("There is no material yet")).toBeVisible();
    expect(screen.getByRole("link", { name: "Add material" })).toHaveAttribute("href", "/material");
    act(() => {
      signInAs("student");
    });
    await waitFor(() => {
      expect(screen.queryByRole("link", { name: "Add material" })).toBeNull();
    });
  });

  it("shows the sources before the tutor writes, then the text, then its citations", async () => {
    fakeBox(fresh);
    await show();
    const { tell } = await ask("Which is the highest?");
    expect(screen.getByText("Sending your question")).toBeVisible();
    tell("accepted", { conversation_id: "c1", message_id: "m1" });
    expect(window.location.search).toBe("?conversation=c1");
    expect(screen.getByText("Looking in your material")).toBeVisible();

    tell("sources", { passages: [passage] });
    expect(screen.getByRole("link", { name: /volcanoes\.pdf.*page 2/ })).toHaveAttribute(
      "href",
      "/material/vol?chunk=7&page=2",
    );
    expect(screen.getByText("1 passage found.")).toBeInTheDocument();

    tell("position", { ahead: 2, seconds_left: 40 });
    expect(screen.getByText("2 questions are answered first. Your turn comes in about 40 seconds.")).toBeVisible();

    tell("token", { text: "It is **Kari" });
    expect(await screen.findByText("It is **Kari")).toBeVisible();
    tell("token", { text: "simbi**." });
    expect((await screen.findByText("Karisimbi")).tagName).toBe("STRONG");

    tell("done", answer);
    expect(screen.getByRole("link", { name: "Source 1: volcanoes.pdf, page 2" })).toHaveAttribute(
      "href",
      "/material/vol?chunk=7&page=2",
    );
    expect(screen.getByText("The answer: It is Karisimbi.")).toBeInTheDocument();
  });

  it("says whose answer it is that a teacher has pinned, and what one thought of it", async () => {
    const given: Answer = { ...answer, mode: "teacher", teacher: "Aline Uwera" };
    const { body } = stored(given);
    const messages = body.messages.map((message) =>
      message.role === "assistant" ? { ...message, thumb: { up: true } } : message,
    );
    fakeBox({ ...routes, "GET /api/v1/conversations/c1": { body: { ...body, messages } } });
    await show("/?conversation=c1");
    expect(await screen.findByText("Your teacher's answer")).toBeVisible();
    expect(screen.getByText("From Aline Uwera")).toBeVisible();
    expect(screen.getByRole("button", { name: "Good answer" })).toHaveAttribute("aria-pressed", "true");
  });

  it("says what words of a passage mean to whoever asks in another language", async () => {
    const words = [{ word: "mountain", meaning: "umusozi" }];
    const citations = answer.citations.map((citation) => ({ ...citation, language: "en", words }));
    fakeBox({ ...routes, "GET /api/v1/conversations/c1": stored({ ...answer, language: "rw", citations }) });
    await show("/?conversation=c1");
    const list = await screen.findByRole("region", { name: "Words" });
    expect(within(list).getByText("mountain")).toHaveAttribute("lang", "en");
    expect(within(list).getByText("umusozi")).toHaveAttribute("lang", "rw");
  });

  it("lets a pupil who is guided write what they tried, under the last turn alone", async () => {
    const hint: Answer = { ...answer, mode: "guide", responseText: "Read here: volcanoes.pdf [1]" };
    fakeBox({ ...routes, "GET /api/v1/conversations/c1": stored(hint) });
    await show("/?conversation=c1");
    expect(await screen.findByRole("button", { name: "Send my try" })).toBeDisabled();
    await userEvent.type(screen.getByLabelText("What I tried"), "Karisimbi");
    await userEvent.click(screen.getByRole("button", { name: "Send my try" }));
    expect(await screen.findByText("I tried: Karisimbi")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Send my try" })).not.toBeInTheDocument();
  });

  it("tells a screen reader the whole answer, not each word", async () => {
    fakeBox(fresh);
    await show();
    const { tell } = await ask("Which?");
    tell("accepted", { conversation_id: "c1", message_id: "m1" });
    tell("token", { text: "It is" });
    await screen.findByText("It is");
    const region = document.querySelector("[aria-live=polite]");
    expect(region?.textContent).toBe("");
    tell("done", answer);
    expect(region?.textContent).toBe("The answer: It is Karisimbi.");
  });

  it("stops on demand, and lets the pupil ask again", async () => {
    fakeBox(fresh);
    await show();
    const { socket, tell } = await ask("Which?");
    tell("accepted", { conversation_id: "c1", message_id: "m1" });
    tell("token", { text: "It is" });
    await screen.findByText("It is");
    await userEvent.click(screen.getByRole("button", { name: "Stop the answer" }));
    expect(socket.sent[1]).toMatchObject({ type: "cancel" });
    expect(screen.getByText("It is")).toBeVisible();
    const article = screen.getByText("It is").closest("article");
    if (!article) throw new Error("the answer stands in no turn");
    await userEvent.click(within(article).getByRole("button", { name: "Ask again" }));
    expect(socket.sent[2]).toMatchObject({ type: "ask", data: { text: "Which?", conversation: "c1" } });
  });

  it("says what went wrong and what to do", async () => {
    fakeBox(fresh);
    await show();
    const { tell } = await ask("Which?");
    tell("error", {
      code: "busy",
      reason: "tutor_busy",
      message: "Too many questions.",
      hint: "Try again in a minute.",
    });
    const alert = screen.getByRole("alert");
    expect(alert).toHaveTextContent("Too many questions.");
    expect(alert).toHaveTextContent("Try again in a minute.");
  });

  it("keeps a question that was not asked yet", async () => {
    fakeBox(routes);
    await show();
    await userEvent.type(screen.getByLabelText("Your question"), "Half a que");
    cleanup();
    await show();
    expect(screen.getByLabelText("Your question")).toHaveValue("Half a que");
  });
});

describe("conversations", () => {
  it("opens a stored one with its citations", async () => {
    fakeBox(routes);
    await show("/?conversation=c1");
    expect(await screen.findByText("Karisimbi")).toBeVisible();
    expect(screen.getByRole("link", { name: "Source 1: volcanoes.pdf, page 2" })).toBeVisible();
  });

  it("shows plainly what is not in the material", async () => {
    const notFound: Answer = { ...answer, mode: "not_found", responseText: "I could not find this.", citations: [] };
    fakeBox({ ...routes, "GET /api/v1/conversations/c1": stored(notFound) });
    await show("/?conversation=c1");
    expect(await screen.findByText("Not in your material")).toBeVisible();
    expect(screen.getByText("I could not find this.")).toBeVisible();
  });

  it("shows plainly when the tutor only quotes", async () => {
    const quoted: Answer = {
      ...answer,
      mode: "passages",
      responseText: "Your material says:\nKarisimbi is the highest. [1]",
    };
    fakeBox({ ...routes, "GET /api/v1/conversations/c1": stored(quoted) });
    await show("/?conversation=c1");
    expect(await screen.findByText("Straight from your material")).toBeVisible();
  });

  it("tells that one is gone", async () => {
    fakeBox({
      ...routes,
      "GET /api/v1/conversations/c1": { status: 404, body: { code: "not_found", detail: "Gone." } },
    });
    await show("/?conversation=c1");
    expect(await screen.findByText("This conversation has been deleted.")).toBeVisible();
  });

  it("deletes one after asking, and leaves it", async () => {
    const requests = fakeBox({ ...routes, "DELETE /api/v1/conversations/c1": { status: 204 } });
    await show("/?conversation=c1");
    await userEvent.click(
      await screen.findByRole("button", { name: "Delete the conversation “Which is the highest?”" }),
    );
    await userEvent.click(screen.getByRole("button", { name: "Delete" }));
    expect(requests).toContain("DELETE /api/v1/conversations/c1");
    expect(await screen.findByText("What would you like to know?")).toBeVisible();
    expect(window.location.search).toBe("");
  });

  it("opens the tablet's recorder where the browser gives no microphone, and lets the words be mended", async () => {
    fakeBox({ ...fresh, "POST /api/v1/ai/transcribe": { body: { text: "How deep is lake Kiwu?", language: "en" } } });
    await show();
    const recorder = screen.getByLabelText("Ask by speaking", { selector: "input" });
    expect(recorder).toHaveAttribute("capture");
    expect(recorder).not.toHaveClass("visually-hidden"); // the whole button is the input
    await userEvent.upload(recorder, new File(["sound"], "said.m4a", { type: "audio/mp4" }));
    const box = screen.getByLabelText("Your question");
    await waitFor(() => {
      expect(box).toHaveValue("How deep is lake Kiwu?");
    });
    expect(box).toHaveFocus();
    expect(sockets).toHaveLength(0); // nothing was asked unseen
    expect(screen.getAllByText(/This is what was heard/).length).toBeGreaterThan(0);
    await userEvent.type(box, "{Backspace}{Backspace}{Backspace}vu?{Enter}");
    act(() => {
      sockets[0]?.accept();
    });
    expect(sockets[0]?.sent[0]).toMatchObject({ type: "ask", data: { text: "How deep is lake Kivu?" } });
  });

  it("shows the answer before its sources, with whom one asks and reading aloud above", async () => {
    fakeBox({ ...routes, "GET /api/v1/personas": page([]) });
    await show("/?conversation=c1");
    const text = await screen.findByText("Karisimbi", { selector: "strong" });
    const cards = screen.getByRole("region", { name: "Found in your material" });
    expect(text.compareDocumentPosition(cards) & Node.DOCUMENT_POSITION_FOLLOWING).not.toBe(0);
    expect(screen.getByRole("button", { name: "Read every answer aloud" })).toHaveAttribute("aria-pressed", "false");
  });
});
