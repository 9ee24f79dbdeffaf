import { describe, expect, it } from "vitest";
import { selectionOf } from "./archive-choice";

describe("selectionOf", () => {
  const choice = { way: "whole", category: "", prefix: " ", first: "0" } as const;

  it("asks for nothing in particular to have all", () => {
    expect(selectionOf(choice)).toEqual({});
  });
  it("needs what each way is about", () => {
    expect(selectionOf({ ...choice, way: "category" })).toBeUndefined();
    expect(selectionOf({ ...choice, way: "prefix" })).toBeUndefined();
    expect(selectionOf({ ...choice, way: "first" })).toBeUndefined();
    expect(selectionOf({ ...choice, way: "first", first: "1.5" })).toBeUndefined();
  });
  it("asks for a part", () => {
    expect(selectionOf({ ...choice, way: "category", category: "Nature" })).toEqual({ categories: ["Nature"] });
    expect(selectionOf({ ...choice, way: "prefix", prefix: " Lake " })).toEqual({ prefixes: ["Lake"] });
    expect(selectionOf({ ...choice, way: "first", first: "200" })).toEqual({ first: 200 });
  });
});
