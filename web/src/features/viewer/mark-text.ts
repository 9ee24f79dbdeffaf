import type { Mark } from "./match-passage";

/**
 * Marks stretches of the text layer's elements, each of which holds one text.
 * Returns the first mark, to scroll to.
 */
export function markText(elements: readonly HTMLElement[], marks: readonly Mark[]): HTMLElement | null {
  let first: HTMLElement | null = null;
  const byItem = new Map<number, Mark[]>();
  for (const mark of marks) byItem.set(mark.item, [...(byItem.get(mark.item) ?? []), mark]);
  for (const [item, ofItem] of byItem) {
    const element = elements[item];
    const text = element?.textContent ?? "";
    if (!element || text === "") continue;
    const parts: (string | HTMLElement)[] = [];
    let from = 0;
    for (const { start, end } of [...ofItem].sort((a, b) => a.start - b.start)) {
      const mark = document.createElement("mark");
      mark.textContent = text.slice(start, end);
      parts.push(text.slice(from, start), mark);
      from = end;
      first ??= mark;
    }
    parts.push(text.slice(from));
    element.replaceChildren(...parts);
  }
  return first;
}
