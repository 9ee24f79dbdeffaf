import { useMemo, type AnchorHTMLAttributes, type MouseEvent } from "react";
import { Observable, useObservable } from "./observable";

/** Where the app is: the address, and what was handed over on the way there. */
export interface Location {
  readonly path: string;
  readonly search: string;
  readonly state: unknown;
}

function read(): Location {
  return { path: window.location.pathname, search: window.location.search, state: history.state as unknown };
}

const location = new Observable<Location>(read());
let steps = 0;

window.addEventListener("popstate", () => {
  steps = Math.max(0, steps - 1);
  location.set(read());
});

export interface NavigateOptions {
  readonly replace?: boolean;
  /** Kept by the browser with this entry of the history, also over a reload. */
  readonly state?: unknown;
}

export function navigate(to: string, { replace = false, state = null }: NavigateOptions = {}): void {
  if (replace) {
    history.replaceState(state, "", to);
  } else {
    history.pushState(state, "", to);
    steps++;
    window.scrollTo(0, 0);
  }
  location.set(read());
}

/** Goes back within the app, or to a fallback where the app was opened right here. */
export function goBack(fallback: string): void {
  if (steps > 0) history.back();
  else navigate(fallback, { replace: true });
}

export function useLocation(): Location & { readonly query: URLSearchParams } {
  const current = useObservable(location);
  return useMemo(() => ({ ...current, query: new URLSearchParams(current.search) }), [current]);
}

interface LinkProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  readonly href: string;
  readonly state?: unknown;
}

/** A link within the app. A new tab, a download or a modified click stay the browser's. */
export function Link({ href, state, onClick, children, ...rest }: LinkProps) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (event.defaultPrevented || !plain || rest.target) return;
    event.preventDefault();
    navigate(href, { state });
  };
  return (
    <a href={href} onClick={follow} {...rest}>
      {children}
    </a>
  );
}
