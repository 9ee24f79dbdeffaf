import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync("src/ui/tokens.css", "utf8");

function tokens(selector: string): Map<string, string> {
  const body = css.slice(css.indexOf(`${selector} {`)).split("}")[0] ?? "";
  return new Map([...body.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((match) => [match[1] ?? "", match[2] ?? ""]));
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

// Every ink with the grounds that it stands on.
const pairs = [
  ["ink", ["paper", "card", "sunken", "brand-wash", "clay-wash"]],
  ["ink-soft", ["paper", "card", "sunken", "brand-wash"]],
  ["brand", ["paper", "card", "brand-wash", "sunken"]],
  ["brand-ink", ["brand"]],
  ["clay-ink", ["clay"]],
  ["board-ink", ["board", "slate"]],
  ["board-soft", ["board"]],
  ["sun-ink", ["sun"]],
  ["mark-ink", ["mark"]],
] as const;

describe.each([":root", ':root[data-theme="dark"]'])("%s", (selector) => {
  const values = tokens(selector);
  const value = (name: string) => values.get(name) ?? "";

  it.each(pairs.flatMap(([ink, grounds]) => grounds.map((ground) => [ink, ground] as const)))(
    "%s can be read on %s",
    (ink, ground) => {
      expect(contrast(value(ink), value(ground))).toBeGreaterThanOrEqual(4.5);
    },
  );

  it.each(["paper", "card"])("edges of fields and the focus ring are seen on %s", (ground) => {
    expect(contrast(value("line-strong"), value(ground))).toBeGreaterThanOrEqual(3);
    expect(contrast(value("focus"), value(ground))).toBeGreaterThanOrEqual(3);
  });
});
