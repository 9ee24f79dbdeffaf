import { describe, expect, it } from "vitest";
import { strike } from "./strike";

describe("striking out what is wrong", () => {
  const paragraph = "Kivu is a lake. It is 480 m deep.\nFish live in it.";

  it("leaves a text alone of which nothing is wrong", () => {
    expect(strike(paragraph, [])).toEqual([{ text: paragraph, wrong: false }]);
    expect(strike(paragraph, ["Another page."])).toEqual([{ text: paragraph, wrong: false }]);
  });

  it("strikes the sentences of a passage, however they are wrapped", () => {
    expect(strike(paragraph, ["It is  480 m deep. Fish\nlive in it."])).toEqual([
      { text: "Kivu is a lake. ", wrong: false },
      { text: "It is 480 m deep.\nFish live in it.", wrong: true },
    ]);
  });

  it("strikes a whole paragraph, and loses no letter", () => {
    const parts = strike(paragraph, [`Before. ${paragraph} After.`]);
    expect(parts).toEqual([{ text: paragraph, wrong: true }]);
    expect(
      strike("“So?” he said.  Yes!", ["Yes!"])
        .map(({ text }) => text)
        .join(""),
    ).toBe("“So?” he said.  Yes!");
  });
});
