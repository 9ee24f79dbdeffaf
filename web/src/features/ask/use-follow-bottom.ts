import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { keepPlace, placeOf } from "@/lib/kept-place";
import { useLocation } from "@/lib/router";
import type { Turn } from "./turn";

const near = 80; // pixels from the end that still count as being there

/**
 * Keeps the last turn of a growing thread in view, from its question on: of an
 * answer that is longer than the screen one sees the beginning first. It does not
 * move for a reader who has scrolled, and one who comes back finds the thread
 * where they left it. `away` says that there is more below.
 */
export function useFollowBottom(turns: readonly Turn[]) {
  const { entry, returned } = useLocation();
  const scroller = useRef<HTMLDivElement>(null);
  const [away, setAway] = useState(false);
  const following = useRef(true);
  const wanted = useRef(returned ? placeOf(entry) : undefined);
  const last = turns[turns.length - 1]?.request;

  const toBottom = useCallback(() => {
    const element = scroller.current;
    following.current = true;
    if (element) element.scrollTop = element.scrollHeight;
  }, []);

  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const onScroll = () => {
      following.current = element.scrollTop > followed(element) - near;
      setAway(element.scrollHeight - element.scrollTop - element.clientHeight >= near);
      if (wanted.current === undefined) keepPlace(entry, element.scrollTop);
    };
    element.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      element.removeEventListener("scroll", onScroll);
    };
  }, [entry]);

  // A question just asked is always brought into view.
  const seen = useRef(last);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element || last === undefined) return;
    if (wanted.current !== undefined) {
      // What the thread was scrolled to, as soon as it is as long again.
      element.scrollTop = wanted.current;
      following.current = false;
      if (Math.abs(element.scrollTop - wanted.current) < 2) wanted.current = undefined;
    } else if (following.current || seen.current !== last) {
      following.current = true;
      element.scrollTop = followed(element);
    }
    if (seen.current !== last && seen.current !== undefined) wanted.current = undefined;
    seen.current = last;
    setAway(element.scrollHeight - element.scrollTop - element.clientHeight >= near);
  }, [turns, last]);

  return { scroller, away: away && last !== undefined, toBottom };
}

/** How far down the last turn is whole, or begins at the top. */
function followed(element: HTMLElement): number {
  const turn = element.firstElementChild?.lastElementChild;
  const end = element.scrollHeight - element.clientHeight;
  if (!turn) return end;
  const top = turn.getBoundingClientRect().top - element.getBoundingClientRect().top + element.scrollTop;
  return Math.max(0, Math.min(end, top - 12));
}
