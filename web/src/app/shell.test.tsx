import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { session } from "@/api/session";
import type { Role } from "@/api/types";
import { navigate, useUnsaved } from "@/lib/router";
import { fakeBox } from "@/testing/fake-box";
import { signInAs } from "@/testing/signed-in";
import { Shell } from "./shell";

function Edited() {
  useUnsaved(true);
  return <p>changed</p>;
}

function show(role: Role, open: { flags: number; answers: number }) {
  signInAs(role);
  fakeBox({
    "GET /api/v1/orgs/default/flags/count": { body: { open: open.flags, urgent: 0 } },
    "GET /api/v1/orgs/default/feedback/count": { body: { open: open.answers, down: open.answers, up: 0 } },
  });
  const state = session.get();
  render(
    <Shell me={state.is === "in" ? state.me : null}>
      <Edited />
    </Shell>,
  );
}

beforeEach(() => {
  navigate("/", { replace: true, careless: true });
});

describe("the navigation", () => {
  it("counts the pupils and the answers that wait for a teacher", async () => {
    show("teacher", { flags: 2, answers: 1 });
    const tab = await screen.findByRole("link", { name: /Tutors.*2 pupils to look after.*1 answer to look at/ });
    expect(tab).toHaveTextContent("3");
  });

  it("asks before what is unsaved is left", async () => {
    show("teacher", { flags: 0, answers: 0 });
    await userEvent.click(screen.getByRole("link", { name: "Material" }));
    await userEvent.click(screen.getByRole("button", { name: "Stay here" }));
    expect(window.location.pathname).toBe("/");
    await userEvent.click(screen.getByRole("link", { name: "Material" }));
    await act(async () => {
      await userEvent.click(screen.getByRole("button", { name: "Leave" }));
    });
    expect(window.location.pathname).toBe("/material");
  });

  it("shows a pupil no badge and no one's tabs but theirs", () => {
    show("student", { flags: 2, answers: 1 });
    expect(screen.getAllByRole("link").map((link) => link.textContent)).toEqual(
      expect.arrayContaining(["Ask", "Material"]),
    );
    expect(screen.queryByRole("link", { name: /Tutors/ })).toBeNull();
  });
});
