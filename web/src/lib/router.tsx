import { useMemo, type AnchorHTMLAttributes, type MouseEvent } from "react";
import { Observable, useObservable } from "./observable";

/** Where the app is: the address, and what was handed over on the way there. */
export interface Location {
  readonly path: string;
  readonly search: string;
  readonly state: unknown;
}

/** An entry of the browser's history: how deep in the app it lies, and what was handed over. */
interface Entry {
  readonly depth: number;
  readonly state: unknown;
}

function entry(): Entry {
  return (history.state as Entry | null) ?? { depth: 0, state: null };
}

function read(): Location {
  return { path: window.location.pathname, search: window.location.search, state: entry().state };
}

const location = new Observable<Location>(read());

window.addEventListener("popstate", () => {
  location.set(read());
});

export interface NavigateOptions {
  readonly replace?: boolean;
  /** Kept by the browser with this entry of the history, also over a reload. */
  readonly state?: unknown;
}

export function navigate(to: string, { replace = false, state = null }: NavigateOptions = {}): void {
  const { depth } = entry();
  if (replace) history.replaceState({ depth, state } satisfies Entry, "", to);
  else history.pushState({ depth: depth + 1, state } satisfies Entry, "", to);
  location.set(read());
}

/** Goes back within the app, or to a fallback where the app was opened right here. */
export function goBack(fallback: string): void {
  if (entry().depth > 0) history.back();
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
