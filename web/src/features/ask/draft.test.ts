import { expect, it } from "vitest";
import { signInAs } from "@/testing/signed-in";
import { adoptDraft, loadDraft, saveDraft } from "./draft";

it("keeps everybody's draft to themselves on a shared tablet", () => {
  signInAs("student");
  saveDraft(undefined, "Why is the sky blue");
  signInAs("teacher");
  expect(loadDraft(undefined)).toBe("");
  signInAs("student");
  expect(loadDraft(undefined)).toBe("Why is the sky blue");
  adoptDraft("c1");
  expect(loadDraft("c1")).toBe("Why is the sky blue");
});
