import { useCallback, useEffect, useState } from "react";
import { isAbort, problemOf } from "@/api/client";
import { getSource } from "@/api/material";
import { watchSources } from "@/api/source-events";
import { getText, listText, type ReadPage, type TextPage } from "@/api/text";
import type { Problem, Source } from "@/api/types";

const atOnce = 50; // pages that are listed at once

/** A source as it is now, and how it is being made anew. */
export function useLiveSource(id: string) {
  const [source, setSource] = useState<Source | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const refresh = useCallback(() => {
    getSource(id).then(setSource, (error: unknown) => {
      setProblem(problemOf(error));
    });
  }, [id]);
  useEffect(refresh, [refresh]);
  useEffect(
    () =>
      watchSources({
        onSource: (changed) => {
          if (changed.id === id) setSource(changed);
        },
        onOpen: refresh,
        onDown: () => undefined,
      }),
    [id, refresh],
  );
  // The stream may be down; while something moves, it is asked for.
  const busy =
    source !== null && (source.update !== undefined || source.status === "queued" || source.status === "processing");
  useEffect(() => {
    if (!busy) return;
    const timer = setInterval(refresh, 3000);
    return () => {
      clearInterval(timer);
    };
  }, [busy, refresh]);
  return { source, problem, setSource, busy };
}

interface Pages {
  readonly items: readonly TextPage[];
  readonly total: number;
  readonly from: number;
}

/** Some pages of the text, from a position on. `version` changes when they have to be listed anew. */
export function usePages(id: string, from: number, version: string) {
  const [pages, setPages] = useState<Pages | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    listText(id, { from, limit: atOnce }, abort.signal).then(
      ({ items, total }) => {
        setPages({ items, total, from });
      },
      (error: unknown) => {
        if (!isAbort(error)) setProblem(problemOf(error));
      },
    );
    return () => {
      abort.abort();
    };
  }, [id, from, version]);
  return { pages, problem };
}

/** One page with all that stands on it. */
export function usePage(id: string, number: number | undefined, version: string) {
  const [page, setPage] = useState<ReadPage | null>(null);
  useEffect(() => {
    if (number === undefined) return;
    const abort = new AbortController();
    getText(id, number, abort.signal).then(setPage, (error: unknown) => {
      if (!isAbort(error)) setPage(null);
    });
    return () => {
      abort.abort();
    };
  }, [id, number, version]);
  return page?.number === number ? page : null;
}

export const pagesAtOnce = atOnce;
