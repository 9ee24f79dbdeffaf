import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { session } from "@/api/session";
import type { BoxInfo, Me } from "@/api/types";
import { tab } from "@/lib/storage";
import { fakeBox } from "@/testing/fake-box";
import { signInAs } from "@/testing/signed-in";
import SetupScreen, { type RosterProps } from "./setup-screen";

const box: BoxInfo = {
  version: "test",
  setup_needed: true,
  claim_code_needed: false,
  secure: true,
  authority: false,
  address: "http://box",
  schools: [],
};

function Roster({ onDone }: RosterProps) {
  return (
    <button
      onClick={() => {
        onDone("p5", 40);
      }}
    >
      forty pupils
    </button>
  );
}

function owner(): Me {
  signInAs("owner");
  const state = session.get();
  if (state.is !== "in") throw new Error("nobody");
  return state.me;
}

/** The page is loaded again: only what the tab keeps is left. */
function reload(me: Me | null) {
  cleanup();
  render(<SetupScreen box={{ ...box, setup_needed: me === null }} me={me} Roster={Roster} />);
}

describe("the first set-up", () => {
  it("goes on after a reload, step by step", async () => {
    fakeBox({});
    reload(null);
    await userEvent.type(screen.getByLabelText("School name"), "GS Kibeho");
    reload(null);
    expect(screen.getByLabelText("School name")).toHaveValue("GS Kibeho");
    await userEvent.click(screen.getByRole("button", { name: "Next" }));
    await userEvent.type(screen.getByLabelText("Your name"), "Claudine");
    await userEvent.type(screen.getByLabelText("Password"), "seven green hills");
    reload(null);
    expect(screen.getByLabelText("Your name")).toHaveValue("Claudine");
    expect(screen.getByLabelText("Password")).toHaveValue("");
    expect(tab.get("bwenge.setup")).not.toContain("seven");
    // The account was made: there is a class to make, and no school.
    reload(owner());
    await userEvent.click(screen.getByRole("button", { name: "forty pupils" }));
    reload(owner());
    expect(screen.getByRole("link", { name: "Print cards" })).toHaveAttribute(
      "href",
      expect.stringContaining("/classes/p5/cards.pdf"),
    );
  });

  it("begins with the class where another tab has made the school", () => {
    fakeBox({});
    reload(owner());
    expect(screen.getByRole("button", { name: "forty pupils" })).toBeVisible();
  });

  it("begins anew for a box that was emptied meanwhile", () => {
    fakeBox({});
    tab.set("bwenge.setup", JSON.stringify({ step: "ready", school: "Old", made: { id: "gone", count: 3 } }));
    reload(null);
    expect(screen.getByLabelText("School name")).toHaveValue("");
  });
});
