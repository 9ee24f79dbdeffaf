import type { Page } from "@playwright/test";

/** The widths of a phone, a small and a large tablet upright and across, and a laptop. */
export const widths = [360, 600, 768, 834, 1024, 1366] as const;

/** Goes to another screen of the app without loading the page again. */
export async function go(page: Page, address: string): Promise<void> {
  await page.evaluate((to) => {
    history.pushState({ depth: 1, state: null }, "", to);
    dispatchEvent(new PopStateEvent("popstate"));
  }, address);
  await settled(page);
}

/** Waits until a screen has its heading, and loads nothing more. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(
    () => document.querySelector("main h1, main h2") !== null && document.querySelector("main [class*=spinner]") === null,
  );
}

/**
 * What is wrong with the place of anything that one can press or type in: outside
 * the screen's width, covered, cut off, or too low for a finger. While a dialog is
 * open, only what is in it counts.
 */
export async function faults(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const found: string[] = [];
    const least = 32;
    const root: ParentNode = document.querySelector("dialog[open]") ?? document;
    const names = "a[href], button, input, select, textarea, summary";
    const scrolls = (overflow: string) => overflow === "auto" || overflow === "scroll";

    // Only what a finger can scroll is scrolled: what lies hidden beside something
    // that does not scroll is out of reach.
    const bring = (element: Element) => {
      for (let box = element.parentElement; box; box = box.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(box);
        const [outer, inner] = [box.getBoundingClientRect(), element.getBoundingClientRect()];
        if (scrolls(overflowY)) box.scrollTop += inner.top + inner.height / 2 - (outer.top + box.clientHeight / 2);
        if (scrolls(overflowX)) box.scrollLeft += inner.left + inner.width / 2 - (outer.left + box.clientWidth / 2);
      }
    };

    for (const element of root.querySelectorAll<HTMLElement>(names)) {
      // A box to tick or a file to choose is pressed by its label.
      const pressed = element.matches("input[type=checkbox], input[type=radio], input[type=file]")
        ? (element.closest("label") ?? element)
        : element;
      if (!pressed.checkVisibility({ visibilityProperty: true, opacityProperty: false })) continue;
      if (pressed.classList.contains("visually-hidden") || pressed.closest("[inert]")) continue;
      if (pressed.getAttribute("href") === "#main") continue; // for the keyboard, and seen only then
      bring(pressed);
      const rect = pressed.getClientRects()[0];
      if (!rect || rect.width === 0) continue;
      const label = (pressed.getAttribute("aria-label") ?? pressed.innerText).trim().replace(/\s+/g, " ").slice(0, 40);
      const name = `${pressed.tagName.toLowerCase()} "${label}" at ${[rect.left, rect.top, rect.width, rect.height].map(Math.round).join(",")}`;
      if (rect.left < -0.5 || rect.right > innerWidth + 0.5) found.push(`${name}: outside the width`);
      // A link within a sentence is as high as its line.
      const inline = pressed.tagName === "A" && getComputedStyle(pressed).display === "inline";
      const sentence = inline && (pressed.parentElement?.innerText.trim().length ?? 0) > pressed.innerText.trim().length;
      if (!sentence && rect.height < least - 0.5) found.push(`${name}: too low`);
      const x = (Math.max(rect.left, 0) + Math.min(rect.right, innerWidth)) / 2;
      const y = (Math.max(rect.top, 0) + Math.min(rect.bottom, innerHeight)) / 2;
      const hit = document.elementFromPoint(x, y);
      if (!hit || !pressed.contains(hit)) {
        const what = hit ? `${hit.tagName.toLowerCase()}.${(hit.getAttribute("class") ?? "").slice(0, 30)}` : "nothing";
        found.push(`${name}: covered by ${what}`);
      }
    }
    // What is cut off without a way to scroll to it.
    for (const box of root.querySelectorAll<HTMLElement>("main, dialog, nav, nav span:not(.visually-hidden)")) {
      if (box.checkVisibility() && box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).display !== "inline") {
        found.push(`${box.tagName.toLowerCase()} "${box.innerText.slice(0, 20)}": cut off (${String(box.scrollWidth)} of ${String(box.clientWidth)})`);
      }
    }
    return found;
  });
}
