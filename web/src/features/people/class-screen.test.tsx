import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import type { SchoolClass, User } from "@/api/types";
import { fakeBox, page } from "@/testing/fake-box";
import { signInAs } from "@/testing/signed-in";
import ClassScreen from "./class-screen";

const at = "2026-01-01T00:00:00Z";
const org = "/api/v1/orgs/default";
const room: SchoolClass = {
  id: "p5",
  name: "P5 Blue",
  code: "ABCDEF",
  sign_in: "pictures",
  students: 1,
  wrong_tries: 0,
  locked: false,
  teachers: [],
  version: 1,
  created_at: at,
};
const keza: User = {
  id: "keza",
  name: "Keza",
  role: "student",
  sign_in: "pictures",
  classes: [{ id: "p5", name: "P5 Blue" }],
  version: 1,
  created_at: at,
  disabled: false,
};

it.each(["Erase", "Leave this class"])("says when a pupil could not be removed: %s", async (button) => {
  signInAs("teacher");
  const refused = { status: 403, body: { code: "forbidden", detail: "This pupil is in another class, too." } };
  fakeBox({
    [`GET ${org}/classes/p5`]: { body: room },
    [`GET ${org}/members`]: (_, query) => page(query.get("role") === "student" ? [keza] : []),
    [`DELETE ${org}/members/keza`]: refused,
    [`DELETE ${org}/classes/p5/members/keza`]: refused,
  });
  render(<ClassScreen id="p5" />);
  await userEvent.click(await screen.findByRole("button", { name: "Remove Keza" }));
  await userEvent.click(within(screen.getByRole("dialog")).getByRole("button", { name: button }));
  expect(await screen.findByText("This pupil is in another class, too.")).toBeVisible();
  expect(screen.getByRole("button", { name: "Remove Keza" })).toBeVisible();
});
