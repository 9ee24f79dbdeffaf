import { render, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import type { BoxModel } from "@/api/types";
import { english, I18nProvider } from "@/lib/i18n/i18n";
import { BoxModels } from "./box-models";

const model = (change: Partial<BoxModel>): BoxModel => ({
  name: "Small",
  kind: "chat",
  file: "small.gguf",
  size: 491_400_064,
  memory: 700_000_000,
  licence: "Apache-2.0",
  origin: "https://example.org",
  installed: true,
  in_use: true,
  offered: false,
  ...change,
});

const list = vi.hoisted(() => vi.fn());
vi.mock("@/api/tutors", () => ({ listBoxModels: list }));

const show = (models: BoxModel[]) => {
  list.mockResolvedValue({ models });
  render(
    <I18nProvider language="en" texts={english}>
      <BoxModels />
    </I18nProvider>,
  );
};

test("an installed model says how it did, another under which terms it is to be had", async () => {
  show([
    model({ test: { right: 24, wrong: 1, total: 30, seconds: 2.14, at: "2026-11-25T20:00:00Z" } }),
    model({ name: "New", file: "new.gguf", in_use: false }),
    model({
      name: "Llama",
      file: "llama.gguf",
      licence: "Llama-3.2",
      notice: "Built with Llama",
      terms: "Keep to the policy.",
      terms_url: "https://example.org/terms",
      installed: false,
      in_use: false,
      offered: true,
    }),
  ]);
  expect(await screen.findByText("Self-test: 24 of 30 right, 1 wrong, 2.1 s an answer")).toBeTruthy();
  expect(screen.getByText("Self-test: not yet. The box does it while nobody asks.")).toBeTruthy();
  expect(screen.getByText("1 other model that the box could have")).toBeTruthy();
  expect(screen.getByText("Built with Llama")).toBeTruthy();
  expect(screen.getByText(/Keep to the policy/)).toBeTruthy();
  expect(screen.getByText("bwenge models pull llama.gguf --accept-terms")).toBeTruthy();
});

test("a box without a model says what to do", async () => {
  show([model({ installed: false, in_use: false })]);
  expect(await screen.findByText(/Run bwenge models pull/)).toBeTruthy();
  expect(screen.getByText("bwenge models pull small.gguf")).toBeTruthy();
});
