import { useEffect, useMemo, type AnchorHTMLAttributes, type MouseEvent } from "react";
import { Observable, useObservable } from "./observable";

/** Where the app is: the address, and what was handed over on the way there. */
export interface Location {
  readonly path: string;
  readonly search: string;
  readonly state: unknown;
  /** Names this entry of the browser's history, for what is kept of its screen. */
  readonly entry: string;
  /** Whether one came back here, and did not go on. */
  readonly returned: boolean;
}

/** An entry of the browser's history: how deep in the app it lies, and what was handed over. */
interface Entry {
  readonly depth: number;
  readonly state: unknown;
}

function entry(): Entry {
  return (history.state as Entry | null) ?? { depth: 0, state: null };
}

function read(returned: boolean): Location {
  const { pathname: path, search } = window.location;
  const { depth, state } = entry();
  return { path, search, state, entry: `${String(depth)} ${path}${search}`, returned };
}

const location = new Observable<Location>(read(false));

/** Where the app is, outside React. */
export const currentLocation = location.get;

/** A way on that waits until somebody has said whether what they changed may be lost. */
export const leaving = new Observable<(() => void) | null>(null);

let unsaved = false; // something on this screen has been changed and not saved
let shownDepth = entry().depth;
let going = false; // where somebody has decided to go, or has been put back from

window.addEventListener("popstate", () => {
  const steps = entry().depth - shownDepth;
  if (unsaved && !going && steps !== 0) {
    // The browser has moved already: back to what is unsaved, and ask.
    going = true;
    history.go(-steps);
    leaving.set(() => {
      going = true;
      history.go(steps);
    });
    return;
  }
  const putBack = going && leaving.get() !== null;
  going = false;
  if (putBack) return;
  show(read(true));
});

window.addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});

function show(next: Location): void {
  shownDepth = entry().depth;
  location.set(next);
}

/** While something is unsaved, whoever leaves the screen is asked first. */
export function useUnsaved(changed: boolean): void {
  useEffect(() => {
    unsaved = changed;
    return () => {
      unsaved = false;
    };
  }, [changed]);
}

/** Goes where somebody wanted to go (true), or stays. */
export function decideLeaving(go: boolean): void {
  const way = leaving.get();
  leaving.set(null);
  if (!go) return;
  unsaved = false;
  way?.();
}

export interface NavigateOptions {
  readonly replace?: boolean;
  /** Kept by the browser with this entry of the history, also over a reload. */
  readonly state?: unknown;
  /** What is unsaved on this screen is lost on purpose: nobody is asked. */
  readonly careless?: boolean;
}

export function navigate(to: string, { replace = false, state = null, careless = false }: NavigateOptions = {}): void {
  const target = new URL(to, window.location.href);
  // A place in the same screen, such as a filter, replaces the one before.
  const leaves = target.pathname !== window.location.pathname || (!replace && target.search !== window.location.search);
  if (unsaved && !careless && leaves) {
    leaving.set(() => {
      navigate(to, { replace, state });
    });
    return;
  }
  const { depth } = entry();
  if (replace) history.replaceState({ depth, state } satisfies Entry, "", to);
  else history.pushState({ depth: depth + 1, state } satisfies Entry, "", to);
  show(read(replace && location.get().returned));
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
