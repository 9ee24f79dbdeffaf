import { useLayoutEffect, useRef, type RefObject } from "react";

/**
 * The forms of the navigation, the roomiest first: everything in one row; the
 * same, closer together and without the name of whoever is signed in; tabs at
 * the bottom, where thumbs are; the same, with each word below its picture.
 */
export const forms = ["row", "tight", "tabs", "stack"] as const;
export type Form = (typeof forms)[number];

/** The first form that fits, else the last one. */
export function firstThatFits(fits: (form: Form) => boolean): Form {
  return forms.find(fits) ?? "stack";
}

/**
 * Gives an element the roomiest form (as data-form, and data-place: top or bottom) in which no word of it is
 * cut off. It is measured, not guessed from the width of the screen: words are of
 * other lengths in another language, in larger letters and for another role.
 */
export function useFitting(): RefObject<HTMLDivElement | null> {
  const ref = useRef<HTMLDivElement>(null);
  const measure = () => {
    const element = ref.current;
    if (!element) return;
    firstThatFits((form) => {
      element.dataset.form = form;
      element.dataset.place = form === "row" || form === "tight" ? "top" : "bottom";
      const parts = [element, ...element.querySelectorAll<HTMLElement>("[data-fits]")];
      return parts.every(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth);
    });
  };
  // After each render: a tab, a language or a badge may have come.
  useLayoutEffect(measure);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element || typeof ResizeObserver === "undefined") return;
    let width = 0;
    const observer = new ResizeObserver(() => {
      if (element.clientWidth === width) return;
      width = element.clientWidth;
      measure();
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, []);
  return ref;
}
