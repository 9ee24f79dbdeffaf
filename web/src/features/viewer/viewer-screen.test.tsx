import { fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Chunk, Source } from "@/api/types";
import { navigate } from "@/lib/router";
import { fakeBox, page, source } from "@/testing/fake-box";
import ViewerScreen from "./viewer-screen";

// jsdom has no canvas: this stands for pdf.js, and lays out one line a span.
const pdf = vi.hoisted(() => ({ drawn: [] as number[], lines: [] as string[] }));
vi.mock("./pdf", () => ({
  openPdf: () => ({
    document: Promise.resolve({ numPages: 5, getPage: (number: number) => Promise.resolve({ number }) }),
    close: () => undefined,
  }),
  drawPage: ({ number }: { number: number }, { textLayer }: { textLayer: HTMLElement }) => {
    pdf.drawn.push(number);
    const elements = pdf.lines.map((line) => Object.assign(document.createElement("span"), { textContent: line }));
    textLayer.replaceChildren(...elements);
    return Promise.resolve({ texts: pdf.lines, elements });
  },
  isCancelled: () => false,
}));

const chunk = (seq: number, text: string, more: Partial<Chunk> = {}): Chunk => ({
  id: 100 + seq,
  source_id: "s",
  seq,
  text,
  place: {},
  ...more,
});

function open(address: string, shown: Source, chunks: readonly Chunk[]) {
  fakeBox({
    "GET /api/v1/knowledge/s/status": { body: shown },
    "GET /api/v1/knowledge/s/chunks": (_path, query) => {
      const from = Number(query.get("from"));
      return page(chunks.slice(from, from + Number(query.get("limit"))));
    },
  });
  navigate(address);
  render(<ViewerScreen id="s" />);
}

const marks = () => [...document.querySelectorAll("mark")].map((mark) => mark.textContent);

beforeEach(() => {
  pdf.drawn = [];
  pdf.lines = ["Mount Karisimbi is the", "highest mountain of Rwanda."];
  Object.defineProperty(HTMLElement.prototype, "clientWidth", { configurable: true, value: 600 });
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe = () => undefined;
      disconnect = () => undefined;
    },
  );
});

describe("a PDF", () => {
  const cited = chunk(1, "Karisimbi is the highest mountain of Rwanda.", { place: { page: 2 } });

  it("opens at the cited page, with the passage marked", async () => {
    open("/material/s?chunk=101&page=2", source("s", { pages: 5 }), [chunk(0, "Before."), cited]);
    await waitFor(() => {
      expect(marks()).toEqual(["Karisimbi is the", "highest mountain of Rwanda"]);
    });
    expect(new Set(pdf.drawn)).toEqual(new Set([2]));
    expect(screen.getByLabelText("Page")).toHaveValue("2");
  });

  it("turns pages, and finds the way back to the passage", async () => {
    open("/material/s?chunk=101&page=2", source("s", { pages: 5 }), [chunk(0, "Before."), cited]);
    await userEvent.click(await screen.findByRole("button", { name: "Next page" }));
    await waitFor(() => {
      expect(pdf.drawn.at(-1)).toBe(3);
    });
    expect(marks()).toEqual([]);
    fireEvent.change(screen.getByLabelText("Page"), { target: { value: "5" } });
    fireEvent.submit(screen.getByLabelText("Page"));
    expect(await screen.findByRole("button", { name: "Next page" })).toBeDisabled();
    await userEvent.click(screen.getByText("The passage"));
    await userEvent.click(screen.getByRole("button", { name: "Back to page 2" }));
    await waitFor(() => {
      expect(marks()).toHaveLength(2);
    });
  });

  it("still shows the passage where the page is a picture", async () => {
    pdf.lines = [];
    open("/material/s?chunk=101&page=2", source("s", { pages: 5 }), [chunk(0, "Before."), cited]);
    expect(await screen.findByText("The passage")).toBeVisible();
    expect(document.querySelector("blockquote")?.textContent).toBe(cited.text);
  });
});

describe("a document", () => {
  const book = source("s", { title: "plants.epub", kind: "book" });
  const chunks = Array.from({ length: 60 }, (_, i) =>
    chunk(i, `Sentence number ${String(i)} stands here.`, { place: { page: 1 + Math.floor(i / 30) } }),
  );

  it("opens around the cited passage, which is marked, and shows the rest on demand", async () => {
    open("/material/s?chunk=150", book, chunks);
    expect(await screen.findByText("Sentence number 50 stands here.")).toBeVisible();
    expect(marks()).toEqual(["Sentence number 50 stands here."]);
    expect(screen.queryByText("Sentence number 0 stands here.")).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "Show what comes before" }));
    expect(await screen.findByText("Sentence number 0 stands here.")).toBeVisible();
  });

  it("can be saved", async () => {
    open("/material/s", book, chunks);
    expect(await screen.findByRole("link", { name: "Save the file on this tablet" })).toHaveAttribute(
      "href",
      "/api/v1/knowledge/s/file?download=1",
    );
  });
});

describe("a recording", () => {
  const video = source("s", { title: "speech.mp4", kind: "video", duration: 60 });
  const chunks = [
    chunk(0, "First words.", { place: { end: 20 } }),
    chunk(1, "Second words.", { place: { start: 20, end: 40 } }),
    chunk(2, "Third words.", { place: { start: 40, end: 60 } }),
  ];
  const player = async () => {
    const element = await screen.findByLabelText("speech.mp4");
    if (!(element instanceof HTMLVideoElement)) throw new Error("no video");
    return element;
  };

  it("plays from the cited minute, and follows what is said", async () => {
    const play = vi.spyOn(HTMLMediaElement.prototype, "play").mockResolvedValue();
    open("/material/s?chunk=101&t=20", video, chunks);
    const element = await player();
    await screen.findByText("Second words.");
    fireEvent.loadedMetadata(element);
    expect(element.currentTime).toBe(20);
    expect(play).toHaveBeenCalledTimes(1);
    expect(marks()).toEqual(["Second words."]);
    expect(screen.getByRole("button", { name: /Second words/ })).toHaveAttribute("aria-current", "true");
    element.currentTime = 45;
    fireEvent.timeUpdate(element);
    expect(screen.getByRole("button", { name: /Third words/ })).toHaveAttribute("aria-current", "true");
    await userEvent.click(screen.getByRole("button", { name: /Second words/ }));
    expect(element.currentTime).toBe(20);
    expect(screen.queryByRole("button", { name: /^Play from 0:20$/ })).toBeNull();
  });

  it("asks for a tap where the browser does not play by itself", async () => {
    const play = vi
      .spyOn(HTMLMediaElement.prototype, "play")
      .mockRejectedValueOnce(new DOMException("", "NotAllowedError"));
    open("/material/s?chunk=101&t=20", video, chunks);
    fireEvent.loadedMetadata(await player());
    const button = await screen.findByRole("button", { name: "Play from 0:20" });
    play.mockResolvedValue();
    await userEvent.click(button);
    await waitFor(() => {
      expect(screen.queryByRole("button", { name: "Play from 0:20" })).toBeNull();
    });
  });

  it("offers the words where the tablet cannot play it", async () => {
    open("/material/s", video, chunks);
    fireEvent.error(await player());
    expect(screen.getByText("This tablet cannot play this recording.")).toBeVisible();
    expect(await screen.findByText("First words.")).toBeVisible();
  });
});

describe("what cannot be shown", () => {
  it("says that a source is not ready", async () => {
    open("/material/s", source("s", { status: "processing" }), []);
    expect(await screen.findByText("Not ready yet")).toBeVisible();
  });

  it("says that a source is gone, and leads to the list", async () => {
    fakeBox({
      "GET /api/v1/knowledge/s/status": {
        status: 404,
        body: { code: "not_found", detail: "There is no such source here." },
      },
    });
    navigate("/material/s");
    render(<ViewerScreen id="s" />);
    expect(await screen.findByText("There is no such source here.")).toBeVisible();
    expect(within(document.body).getByRole("button", { name: "See all material" })).toBeVisible();
  });
});
