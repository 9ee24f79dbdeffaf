import { useCallback, useEffect, useRef, useState } from "react";
import { useObservable } from "@/lib/observable";
import { problemOf } from "./client";
import { connection } from "./connection";
import type { Page, Problem } from "./types";

interface Paged<T> {
  readonly items: readonly T[] | null; // null while the first page loads
  readonly total: number;
  readonly more: (() => void) | null;
  readonly problem: Problem | null;
  readonly reload: () => void;
}

/** A list that comes in pages. `load` changes when what is asked for does. */
export function usePaged<T>(load: (cursor: string) => Promise<Page<T>>): Paged<T> {
  const [state, setState] = useState<{ items: readonly T[] | null; total: number; next: string }>({
    items: null,
    total: 0,
    next: "",
  });
  const [problem, setProblem] = useState<Problem | null>(null);
  const asked = useRef(0);
  const pages = useRef(0);
  const { returns } = useObservable(connection);

  const fetchPage = useCallback(
    (cursor: string) => {
      const mine = ++asked.current;
      load(cursor).then(
        (page) => {
          if (mine !== asked.current) return;
          setProblem(null);
          pages.current = cursor === "" ? 1 : pages.current + 1;
          setState((old) => ({
            items: cursor === "" ? page.items : [...(old.items ?? []), ...page.items],
            total: page.total,
            next: page.next ?? "",
          }));
        },
        (error: unknown) => {
          if (mine === asked.current) setProblem(problemOf(error));
        },
      );
    },
    [load],
  );
  useEffect(() => {
    const soon = setTimeout(() => {
      fetchPage("");
    }, 150); // somebody may still be typing
    return () => {
      clearTimeout(soon);
    };
  }, [fetchPage]);
  // Whoever comes back finds what is new, but not less than they had.
  const seen = useRef(returns);
  useEffect(() => {
    if (seen.current === returns) return;
    seen.current = returns;
    if (pages.current <= 1) fetchPage("");
  }, [fetchPage, returns]);
  return {
    items: state.items,
    total: state.total,
    problem,
    more:
      state.next === ""
        ? null
        : () => {
            fetchPage(state.next);
          },
    reload: () => {
      fetchPage("");
    },
  };
}
