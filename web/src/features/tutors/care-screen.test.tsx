import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { flagCount } from "@/api/tutors";
import type { Flag } from "@/api/types";
import { fakeBox, page } from "@/testing/fake-box";
import { signInAs } from "@/testing/signed-in";
import CareScreen from "./care-screen";

const flag = (id: string, more: Partial<Flag>): Flag => ({
  id,
  user: { id: "keza", name: "Keza" },
  classes: [{ id: "p5", name: "P5 Blue" }],
  category: "asked_for_help",
  severity: 1,
  side: "question",
  text: "",
  conversation_id: "c",
  asked: ["How deep is Lake Kivu?", "And how old?"],
  created_at: "2026-11-25T08:00:00Z",
  ...more,
});

it("says who called, of which class, and what they had asked", async () => {
  signInAs("teacher");
  let open = [
    flag("1", {}),
    flag("2", { category: "abuse", severity: 2, text: "They hit me.", asked: ["They hit me."] }),
  ];
  fakeBox({
    "GET /api/v1/orgs/default/flags": () => page(open),
    "POST /api/v1/orgs/default/flags/1/seen": () => {
      open = open.slice(1);
      return { body: flag("1", {}) };
    },
    "GET /api/v1/orgs/default/flags/count": () => ({ body: { open: open.length, urgent: 1 } }),
  });
  render(<CareScreen />);
  const [call, abuse] = await screen
    .findAllByRole("listitem")
    .then((all) => all.filter((one) => one.textContent.includes("Keza")));
  if (!call || !abuse) throw new Error("both are listed");
  expect(call).toHaveTextContent("P5 Blue");
  expect(call).toHaveTextContent("Asked for a teacher");
  expect(within(call).getByText(/In the conversation they asked: And how old\?/)).toBeVisible();
  expect(call).toHaveTextContent("How deep is Lake Kivu?");
  expect(abuse).toHaveTextContent("They hit me.");
  expect(within(abuse).queryByText(/In the conversation/)).toBeNull(); // its own words are not said twice
  await userEvent.click(within(call).getByRole("button", { name: "I have dealt with it" }));
  await screen.findByText("They hit me.");
  await expect.poll(() => flagCount.get()?.open).toBe(1);
});
