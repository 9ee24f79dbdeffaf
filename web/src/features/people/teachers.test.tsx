import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import type { Role, SchoolClass, User } from "@/api/types";
import { fakeBox, page } from "@/testing/fake-box";
import { signInAs } from "@/testing/signed-in";
import { LiveRegion } from "@/ui/live";
import { Teachers } from "./teachers";

const at = "2026-01-01T00:00:00Z";
const members = "/api/v1/orgs/default/members";
const inClass = "/api/v1/orgs/default/classes/p5/members";

const person = (id: string, name: string, more: Partial<User> = {}): User => ({
  id,
  name,
  role: "teacher",
  username: id,
  sign_in: "password",
  classes: [],
  version: 1,
  created_at: at,
  disabled: false,
  ...more,
});

function show(role: Role, teachers: SchoolClass["teachers"]) {
  signInAs(role);
  const requests = fakeBox({
    [`GET ${members}`]: (_, query) =>
      query.get("cursor") === "2"
        ? page([person("paul", "Paul Habimana"), person("gone", "Gone Away", { disabled: true })])
        : page([person("teacher", "Aline Uwera")], "2"),
    [`PUT ${inClass}/paul`]: { status: 204 },
    [`DELETE ${inClass}/teacher`]: { status: 204 },
    [`DELETE ${inClass}/paul`]: { status: 403, body: { code: "forbidden", detail: "You do not teach this class." } },
  });
  const onChanged = vi.fn(() => Promise.resolve());
  const room: SchoolClass = {
    id: "p5",
    name: "P5 Blue",
    code: "ABCDEF",
    sign_in: "pictures",
    students: 2,
    wrong_tries: 0,
    locked: false,
    teachers,
    version: 1,
    created_at: at,
  };
  render(
    <>
      <Teachers room={room} onChanged={onChanged} />
      <LiveRegion />
    </>,
  );
  return { requests, onChanged };
}

describe("the teachers of a class", () => {
  it("adds one of the staff who is not in it", async () => {
    const { requests, onChanged } = show("owner", [{ id: "teacher", name: "Aline Uwera" }]);
    const choice = await screen.findByLabelText("Add a teacher");
    expect(within(choice).getAllByRole("option")).toHaveLength(2); // nobody who teaches it or may not sign in
    expect(screen.getByRole("button", { name: "Add to the class" })).toBeDisabled();
    await userEvent.selectOptions(choice, "Paul Habimana (paul)");
    await userEvent.click(screen.getByRole("button", { name: "Add to the class" }));
    expect(await screen.findByText("Paul Habimana was added.")).toBeInTheDocument();
    expect(requests).toContain(`PUT ${inClass}/paul`);
    expect(onChanged).toHaveBeenCalledOnce();
  });

  it("asks before it takes the last one out, and says who can help then", async () => {
    const { requests, onChanged } = show("owner", [{ id: "teacher", name: "Aline Uwera" }]);
    await userEvent.click(screen.getByRole("button", { name: "Take Aline Uwera out of the class" }));
    const asked = screen.getByRole("dialog");
    expect(within(asked).getByText(/the school's office can add a teacher/)).toBeVisible();
    expect(requests.some((one) => one.startsWith("DELETE"))).toBe(false);
    await userEvent.click(within(asked).getByRole("button", { name: "Take out" }));
    expect(await screen.findByText("Aline Uwera was taken out of the class.")).toBeInTheDocument();
    expect(requests).toContain(`DELETE ${inClass}/teacher`);
    expect(onChanged).toHaveBeenCalledOnce();
  });

  it("leaves the screen of a class that a teacher leaves", async () => {
    const { onChanged } = show("teacher", [
      { id: "teacher", name: "Aline Uwera" },
      { id: "paul", name: "Paul Habimana" },
    ]);
    await userEvent.click(screen.getByRole("button", { name: "Take Aline Uwera out of the class" }));
    expect(screen.getByText(/You will no longer see this class/)).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Take out" }));
    await vi.waitFor(() => {
      expect(window.location.pathname).toBe("/people");
    });
    expect(onChanged).not.toHaveBeenCalled();
  });

  it("says why it could not", async () => {
    show("owner", [{ id: "paul", name: "Paul Habimana" }]);
    await userEvent.click(screen.getByRole("button", { name: "Take Paul Habimana out of the class" }));
    await userEvent.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Take out" }));
    expect(await screen.findByText("You do not teach this class.")).toBeVisible();
  });
});
