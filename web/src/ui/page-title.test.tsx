import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { PageTitle } from "./page-title";

it("is the screen's heading and names the tab", () => {
  const { rerender } = render(<PageTitle>People</PageTitle>);
  expect(screen.getByRole("heading", { level: 1, name: "People" })).toBeVisible();
  expect(document.title).toBe("People · Bwenge");
  rerender(<PageTitle>P5 Blue</PageTitle>);
  expect(document.title).toBe("P5 Blue · Bwenge");
});

it("is every screen's heading", () => {
  const sources = import.meta.glob<string>("../{app,features}/**/*.tsx", {
    query: "?raw",
    import: "default",
    eager: true,
  });
  const all = Object.entries(sources).filter(([name]) => !name.includes(".test."));
  expect(all.length).toBeGreaterThan(40);
  expect(all.filter(([, text]) => text.includes("<h1")).map(([name]) => name)).toEqual([]);
  const screens = all.filter(([name]) => name.endsWith("-screen.tsx"));
  expect(screens.filter(([, text]) => !text.includes("<PageTitle")).map(([name]) => name)).toEqual([]);
});
