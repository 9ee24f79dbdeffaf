import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import type { Chunk } from "@/api/types";
import { navigate } from "@/lib/router";
import { fakeBox, page, source } from "@/testing/fake-box";
import TextScreen from "./text-screen";

const sections = [
  { text: "The wel is deep.", place: {}, doubt: "ocr" },
  { text: "Name | Marks\nKeza | 81", place: {}, table: { columns: ["Name", "Marks"], rows: [["Keza", "81"]] } },
];

function open() {
  const sent: unknown[] = [];
  let wrong: Chunk["wrong"];
  const shown = source("s", { title: "a.docx", kind: "document" });
  const requests = fakeBox({
    "GET /api/v1/knowledge/s/status": { body: shown },
    "GET /api/v1/knowledge/s/text": (_path, query) =>
      query.get("doubtful") === "true"
        ? page([{ number: 2, position: 2, place: {}, doubts: 1 }])
        : page([
            { number: 1, position: 1, place: {} },
            { number: 2, position: 2, place: {}, doubts: 1 },
          ]),
    "GET /api/v1/knowledge/s/text/1": { body: { number: 1, place: {} } },
    "GET /api/v1/knowledge/s/text/2": { body: { number: 2, place: {}, doubts: 1, sections } },
    "PUT /api/v1/knowledge/s/text/2": { body: shown },
    "GET /api/v1/knowledge/s/text/2/passages": () => ({
      body: {
        passages: [{ id: 9, source_id: "s", seq: 0, place: {}, text: "The wel is deep.", ...(wrong && { wrong }) }],
      },
    }),
    "PUT /api/v1/knowledge/s/passages/9/wrong": () => {
      wrong = { at: "2026-11-23T08:00:00Z", by: "Aline" };
      return { body: {} };
    },
    "DELETE /api/v1/knowledge/s/passages/9/wrong": () => {
      wrong = undefined;
      return { body: {} };
    },
  });
  const fetched = globalThis.fetch;
  vi.stubGlobal("fetch", (address: string, init?: RequestInit) => {
    if (init?.method === "PUT" && typeof init.body === "string") sent.push(JSON.parse(init.body));
    return fetched(address, init);
  });
  navigate("/material/s/text");
  render(<TextScreen id="s" />);
  return { requests, sent };
}

describe("the text that was read", () => {
  it("goes to the next place in doubt, and shows why", async () => {
    open();
    expect(await screen.findByText("Nothing was read on this page.")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Next place in doubt" }));
    expect(await screen.findByText("The wel is deep.")).toBeVisible();
    expect(screen.getByText(/Compare it with the original/)).toBeVisible();
    expect(within(screen.getByRole("table")).getByRole("columnheader", { name: "Marks" })).toBeVisible();
  });

  it("marks a passage as wrong, shows it struck out with who did it, and takes it back", async () => {
    open();
    await userEvent.click(await screen.findByRole("button", { name: "Page after" }));
    await userEvent.click(await screen.findByText("Passages of this page"));
    await userEvent.click(screen.getByRole("button", { name: "Mark this passage as wrong" }));
    expect(await screen.findByText(/Marked wrong by Aline on/)).toBeVisible();
    expect(screen.getAllByText("The wel is deep.", { selector: "s" })).toHaveLength(2); // in the text, and below it
    await userEvent.click(screen.getByRole("button", { name: "Take that back" }));
    await vi.waitFor(() => {
      expect(screen.queryByText("The wel is deep.", { selector: "s" })).toBeNull();
    });
  });

  it("mends text and cells", async () => {
    const { sent } = open();
    await userEvent.click(await screen.findByRole("button", { name: "Page after" }));
    await userEvent.click(await screen.findByRole("button", { name: "Mend this page" }));
    await userEvent.clear(screen.getByLabelText("Text"));
    await userEvent.type(screen.getByLabelText("Text"), "The well is deep.");
    await userEvent.clear(screen.getByLabelText("Row 1, column 2"));
    await userEvent.type(screen.getByLabelText("Row 1, column 2"), "87");
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    await vi.waitFor(() => {
      expect(sent).toEqual([
        {
          sections: [{ text: "The well is deep." }, { table: { columns: ["Name", "Marks"], rows: [["Keza", "87"]] } }],
        },
      ]);
    });
  });
});
