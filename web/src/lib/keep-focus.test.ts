import { waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keepFocus } from "./keep-focus";

let stop: () => void;

function page(html: string) {
  document.body.innerHTML = html;
  return (id: string) => {
    const found = document.getElementById(id);
    if (!found) throw new Error(`no ${id}`);
    return found;
  };
}

beforeEach(() => {
  stop = keepFocus(() => document.getElementById("main"));
});
afterEach(() => {
  stop();
  document.body.innerHTML = "";
});

describe("the focus", () => {
  it("goes to what is left around a row that was removed", async () => {
    const of = page(`<main id="main"><ul id="list"><li id="row"><button id="delete"></button></li></ul></main>`);
    of("delete").focus();
    of("row").remove();
    await waitFor(() => {
      expect(document.activeElement).toBe(of("list"));
    });
  });

  it("goes to the screen where nothing is left", async () => {
    const of = page(`<main id="main"></main><div id="other"><button id="b"></button></div>`);
    of("b").focus();
    of("other").remove();
    await waitFor(() => {
      expect(document.activeElement).toBe(of("main"));
    });
  });

  it("stays off a page where somebody has let go of it", async () => {
    const of = page(`<main id="main"><button id="b"></button></main>`);
    of("b").focus();
    of("b").blur();
    of("main").append(document.createElement("p"));
    await Promise.resolve();
    expect(document.activeElement).toBe(document.body);
  });
});
