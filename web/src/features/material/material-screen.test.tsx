import { act, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { I18nProvider } from "@/lib/i18n/i18n";
import * as fr from "@/lib/i18n/fr";
import { fakeBox, FakeEventSource, page, source } from "@/testing/fake-box";
import { LiveRegion } from "@/ui/live";
import MaterialScreen from "./material-screen";

const list = "GET /api/v1/knowledge";

function show() {
  render(
    <>
      <MaterialScreen teaches />
      <LiveRegion />
    </>,
  );
}

const row = async (title: string) => {
  const found = (await screen.findByText(title)).closest("li");
  if (!found) throw new Error("the title stands in no row");
  return within(found);
};

describe("the material", () => {
  it("says what to do while there is none", async () => {
    fakeBox({ [list]: page([]) });
    show();
    expect(await screen.findByText("Nothing here yet")).toBeVisible();
    expect(screen.getByLabelText("Choose files")).toHaveAttribute("multiple");
  });

  it("shows how each source is doing", async () => {
    fakeBox({
      [list]: page([
        source("film", {
          title: "film.mp4",
          kind: "video",
          status: "processing",
          step: "transcribing",
          progress: 0.42,
          seconds_left: 312,
          duration: 2710,
        }),
        source("scan", {
          pages: 40,
          notices: [{ code: "pages_unreadable", message: "3 of 40 pages could not be read." }],
        }),
        source("locked", {
          status: "failed",
          problem: { code: "unreadable", reason: "password", message: "It has a password.", hint: "Take it off." },
        }),
      ]),
    });
    show();
    const film = await row("film.mp4");
    expect(film.getByText("Being read")).toBeVisible();
    expect(film.getByText("Writing down what is said 42 %")).toBeVisible();
    expect(film.getByText("about 6 minutes left")).toBeVisible();
    expect(film.getByRole("progressbar")).toHaveAttribute("aria-valuenow", "42");
    expect(film.getByText("Video · 45:10 · 2.4 MB")).toBeVisible();
    expect((await row("scan.pdf")).getByText("3 of 40 pages could not be read.")).toBeVisible();
    const locked = await row("locked.pdf");
    expect(locked.getByText("It has a password.")).toBeVisible();
    expect(locked.getByText(/Take it off\./)).toBeVisible();
  });

  it("tells problems in the reader's language", async () => {
    fakeBox({
      [list]: page([
        source("locked", {
          status: "failed",
          problem: { code: "unreadable", reason: "password", message: "It has a password." },
        }),
      ]),
    });
    render(
      <I18nProvider language="fr" texts={fr}>
        <MaterialScreen teaches />
      </I18nProvider>,
    );
    expect(await screen.findByText("Ce fichier est protégé par un mot de passe.")).toBeVisible();
    expect(document.documentElement.lang).toBe("fr");
  });

  it("follows what the box tells", async () => {
    fakeBox({ [list]: page([source("a", { status: "queued", progress: 0 })]) });
    show();
    expect((await row("a.pdf")).getByText("Waiting for its turn")).toBeVisible();
    act(() => FakeEventSource.last?.tell(source("a")));
    expect((await row("a.pdf")).getByText("Ready")).toBeVisible();
    act(() => FakeEventSource.last?.tell(source("b")));
    expect(await screen.findByText("b.pdf")).toBeVisible();
  });

  it("asks the box again and again when the stream is down", async () => {
    vi.useFakeTimers();
    const requests = fakeBox({ [list]: page([source("a", { status: "processing", progress: 0 })]) });
    show();
    await act(() => vi.advanceTimersByTimeAsync(100));
    act(() => FakeEventSource.last?.onopen?.());
    await act(() => vi.advanceTimersByTimeAsync(20_000));
    const before = requests.length;
    await act(() => vi.advanceTimersByTimeAsync(20_000));
    expect(requests.length).toBe(before);
    act(() => FakeEventSource.last?.onerror?.());
    await act(() => vi.advanceTimersByTimeAsync(9100));
    expect(requests.length).toBe(before + 3);
  });

  it("searches and filters at the box", async () => {
    const requests = fakeBox({ [list]: page([source("a")]) });
    show();
    await screen.findByText("a.pdf");
    await userEvent.type(screen.getByLabelText("Search by title"), "vol");
    await userEvent.selectOptions(screen.getByLabelText("Show"), "Ready");
    await waitFor(() => {
      expect(requests).toContain("GET /api/v1/knowledge?search=vol&status=ready&limit=30");
    });
  });

  it("shows more on demand", async () => {
    fakeBox({
      [list]: (_path, query) => (query.get("cursor") === "2" ? page([source("b")]) : page([source("a")], "2")),
    });
    show();
    await userEvent.click(await screen.findByRole("button", { name: "Show more" }));
    expect(await screen.findByText("b.pdf")).toBeVisible();
    expect(screen.getByText("a.pdf")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Show more" })).toBeNull();
  });

  it("deletes only after asking, and says what that means", async () => {
    const requests = fakeBox({ [list]: page([source("a")]), "DELETE /api/v1/knowledge/a": { status: 204 } });
    show();
    const remove = await screen.findByRole("button", { name: "Delete a.pdf" });
    await userEvent.click(remove);
    expect(screen.getByText(/The tutor will not answer from it any more/)).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Keep it" }));
    expect(requests).not.toContain("DELETE /api/v1/knowledge/a");
    await userEvent.click(remove);
    await userEvent.click(screen.getByRole("button", { name: "Delete" }));
    expect(await screen.findByText("a.pdf was deleted.")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Delete a.pdf" })).toBeNull();
  });

  it("stops and tries again", async () => {
    const busy = source("a", { status: "processing", progress: 0.2 });
    fakeBox({
      [list]: page([busy]),
      "POST /api/v1/knowledge/a/cancel": { body: { ...busy, status: "cancelled" } },
      "POST /api/v1/knowledge/a/retry": { body: { ...busy, status: "queued" } },
    });
    show();
    await userEvent.click(await screen.findByRole("button", { name: "Stop reading a.pdf" }));
    await userEvent.click(await screen.findByRole("button", { name: "Try again" }));
    expect(await screen.findByText("Waiting for its turn")).toBeVisible();
  });

  it("tells what the box refuses", async () => {
    const busy = source("a", { status: "processing" });
    fakeBox({
      [list]: page([busy]),
      "POST /api/v1/knowledge/a/cancel": {
        status: 409,
        body: { code: "conflict", detail: "It has ended.", hint: "Delete it." },
      },
    });
    show();
    await userEvent.click(await screen.findByRole("button", { name: "Stop reading a.pdf" }));
    expect(await screen.findByText("It has ended. Delete it.")).toBeVisible();
  });
});
