import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Turn } from "./turn";

const near = 80; // pixels from the end that still count as being there

/**
 * Keeps the end of a growing thread in view, unless the reader has scrolled up
 * to read. `away` says that there is more below.
 */
export function useFollowBottom(turns: readonly Turn[]) {
  const scroller = useRef<HTMLDivElement>(null);
  const [away, setAway] = useState(false);
  const following = useRef(true);
  const last = turns[turns.length - 1];

  const toBottom = useCallback(() => {
    const element = scroller.current;
    following.current = true;
    if (element) element.scrollTop = element.scrollHeight;
  }, []);

  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const onScroll = () => {
      following.current = element.scrollHeight - element.scrollTop - element.clientHeight < near;
      setAway(!following.current);
    };
    element.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      element.removeEventListener("scroll", onScroll);
    };
  }, []);

  // A question just asked is always brought into view.
  useLayoutEffect(toBottom, [last?.request, toBottom]);
  useLayoutEffect(() => {
    if (following.current) toBottom();
  }, [turns, toBottom]);

  return { scroller, away, toBottom };
}
