import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import type { Thumb } from "@/api/types";
import { fakeBox } from "@/testing/fake-box";
import { LiveRegion } from "@/ui/live";
import { Thumbs } from "./thumbs";

const address = "/api/v1/ai/answers/m2/thumb";

function show(stored?: Thumb, status = 204) {
  const sent: unknown[] = [];
  const reply = { status, body: { code: "not_found", detail: "This answer is gone." } };
  fakeBox({ [`PUT ${address}`]: reply, [`DELETE ${address}`]: reply });
  const fetched = globalThis.fetch;
  vi.stubGlobal("fetch", (to: string, init?: RequestInit) => {
    sent.push(init?.method === "PUT" ? JSON.parse(init.body as string) : init?.method);
    return fetched(to, init);
  });
  const view = (given: Thumb | undefined) => (
    <>
      <Thumbs message="m2" stored={given} />
      <LiveRegion />
    </>
  );
  const { rerender } = render(view(stored));
  return {
    sent,
    reconnect: (given: Thumb | undefined) => {
      rerender(view(given));
    },
  };
}

const up = () => screen.getByRole("button", { name: "Good answer" });
const down = () => screen.getByRole("button", { name: "Not a good answer" });

describe("thumbs", () => {
  it("says why an answer was not good, in one's own words", async () => {
    const { sent } = show();
    expect(screen.queryByRole("radio")).toBeNull();
    await userEvent.click(down());
    expect(down()).toHaveAttribute("aria-pressed", "true");
    await userEvent.click(screen.getByLabelText("It is wrong"));
    await userEvent.click(screen.getByLabelText("Something else"));
    await userEvent.type(screen.getByLabelText("Say it in your own words"), "No picture");
    await userEvent.click(screen.getByRole("button", { name: "Send" }));
    await vi.waitFor(() => {
      expect(sent).toEqual([
        { up: false },
        { up: false, reason: "wrong" },
        { up: false, reason: "other" },
        { up: false, reason: "other", note: "No picture" },
      ]);
    });
    expect(await screen.findByText("Thank you. Your teacher will see it.")).toBeVisible();
    // What was said can be seen and changed.
    await userEvent.click(screen.getByRole("button", { name: "Something else" }));
    expect(screen.getByLabelText("Something else")).toBeChecked();
  });

  it("can be changed, and taken back by the keyboard", async () => {
    const { sent } = show({ up: false, reason: "too_long" });
    expect(screen.getByRole("button", { name: "Too long" })).toBeVisible();
    await userEvent.click(up());
    expect(up()).toHaveAttribute("aria-pressed", "true");
    expect(down()).toHaveAttribute("aria-pressed", "false");
    up().focus();
    await userEvent.keyboard("{Enter}");
    expect(up()).toHaveAttribute("aria-pressed", "false");
    await vi.waitFor(() => {
      expect(sent).toEqual([{ up: true }, "DELETE"]);
    });
  });

  it("shows what the box has stored after a reconnect", () => {
    const { reconnect } = show();
    expect(down()).toHaveAttribute("aria-pressed", "false");
    reconnect({ up: false, reason: "wrong" });
    expect(down()).toHaveAttribute("aria-pressed", "true");
    expect(screen.getByRole("button", { name: "It is wrong" })).toBeVisible();
  });

  it("is as it was when the box refuses", async () => {
    show({ up: true }, 404);
    await userEvent.click(down());
    expect(await screen.findByText("This answer is gone.")).toBeVisible();
    expect(up()).toHaveAttribute("aria-pressed", "true");
    expect(screen.queryByRole("radio")).toBeNull();
  });
});
