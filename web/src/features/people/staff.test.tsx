import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import type { SchoolClass, User } from "@/api/types";
import { session } from "@/api/session";
import { fakeBox, page } from "@/testing/fake-box";
import { signInAs } from "@/testing/signed-in";
import { Staff } from "./staff";

const at = "2026-01-01T00:00:00Z";
const org = "/api/v1/orgs/default";
const paul: User = {
  id: "paul",
  name: "Paul Habimana",
  role: "teacher",
  username: "paul",
  sign_in: "password",
  classes: [{ id: "p4", name: "P4" }],
  version: 1,
  created_at: at,
  disabled: false,
};
const room = (id: string, name: string): SchoolClass => ({
  id,
  name,
  code: id,
  sign_in: "pictures",
  students: 0,
  wrong_tries: 0,
  locked: false,
  teachers: [],
  version: 1,
  created_at: at,
});

function show(members: readonly User[], more: Parameters<typeof fakeBox>[0] = {}) {
  signInAs("owner");
  const requests = fakeBox({
    [`GET ${org}/members`]: page(members),
    [`GET ${org}/classes`]: page([room("p4", "P4"), room("p5", "P5")]),
    [`GET ${org}/invitations`]: { body: { invitations: [] } },
    [`PATCH ${org}/members/paul`]: { body: { ...paul, version: 2 } },
    [`PUT ${org}/classes/p5/members/paul`]: { status: 204 },
    [`DELETE ${org}/classes/p4/members/paul`]: { status: 204 },
    ...more,
  });
  const state = session.get();
  if (state.is !== "in") throw new Error("nobody");
  render(<Staff me={state.me} />);
  return requests;
}

describe("the staff", () => {
  it("gives a teacher classes on their page, and takes others away", async () => {
    const requests = show([paul]);
    expect(await screen.findByText("P4")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Change Paul Habimana" }));
    const dialog = await screen.findByRole("dialog");
    expect(await within(dialog).findByLabelText("P4")).toBeChecked();
    await userEvent.click(within(dialog).getByLabelText("P4"));
    await userEvent.click(within(dialog).getByLabelText("P5"));
    await userEvent.click(within(dialog).getByRole("button", { name: "Save" }));
    await waitFor(() => {
      expect(screen.queryByRole("dialog")).toBeNull();
    });
    expect(requests.filter((one) => /^(PUT|DELETE|PATCH)/.test(one))).toEqual([
      `PATCH ${org}/members/paul`,
      `PUT ${org}/classes/p5/members/paul`,
      `DELETE ${org}/classes/p4/members/paul`,
    ]);
  });

  it("says that nobody has a role, and not that nothing fits", async () => {
    show([]);
    expect(await screen.findByText("Nobody has this role yet.")).toBeVisible();
    await userEvent.type(screen.getByRole("searchbox"), "x");
    expect(await screen.findByText("Nothing fits")).toBeVisible();
  });

  it("says when an invitation could not be taken back", async () => {
    const invitation = {
      id: "i",
      code: "ABCDEFGH",
      url: "",
      role: "teacher",
      email: "",
      created_at: at,
      expires_at: at,
    };
    show([paul], {
      [`GET ${org}/invitations`]: { body: { invitations: [invitation] } },
      [`DELETE ${org}/invitations/i`]: {
        status: 403,
        body: { code: "forbidden", detail: "Only the office may do this." },
      },
    });
    await userEvent.click(await screen.findByRole("button", { name: "Take back" }));
    expect(await screen.findByText("Only the office may do this.")).toBeVisible();
  });
});
