import { useEffect, useLayoutEffect, type RefObject } from "react";
import { useLocation } from "./router";

const places = new Map<string, number>(); // how far an entry of the history was scrolled
const patience = 5000; // ms that a list may take to grow to where it was

/** How far an entry of the history was scrolled when it was left. */
export function placeOf(entry: string): number | undefined {
  return places.get(entry);
}

export function keepPlace(entry: string, place: number): void {
  places.set(entry, place);
}

/**
 * Whoever comes back to a screen finds it where they left it, as soon as what it
 * shows has come; whoever goes on to one begins at its top.
 */
export function useKeptPlace(ref: RefObject<HTMLElement | null>): void {
  const { path, entry, returned } = useLocation();

  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const keep = () => {
      keepPlace(entry, element.scrollTop);
    };
    element.addEventListener("scroll", keep, { passive: true });
    return () => {
      element.removeEventListener("scroll", keep);
    };
  }, [ref, entry]);

  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const wanted = returned ? (placeOf(entry) ?? 0) : 0;
    element.scrollTop = wanted;
    if (wanted === 0 || typeof ResizeObserver === "undefined") return;
    const stop = () => {
      observer.disconnect();
      watch.disconnect();
      clearTimeout(timer);
      for (const touched of touches) element.removeEventListener(touched, stop);
    };
    const again = () => {
      element.scrollTop = wanted;
      if (Math.abs(element.scrollTop - wanted) < 2) stop();
    };
    // The screen comes in pieces: its code, then its list.
    const observer = new ResizeObserver(again);
    const watch = new MutationObserver(() => {
      for (const child of element.children) observer.observe(child);
    });
    watch.observe(element, { childList: true });
    for (const child of element.children) observer.observe(child);
    const timer = setTimeout(stop, patience);
    const touches = ["wheel", "touchstart", "keydown", "pointerdown"] as const;
    for (const touched of touches) element.addEventListener(touched, stop, { passive: true });
    return stop;
    // A filter changes the entry, and not the screen.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [ref, path, returned]);
}
