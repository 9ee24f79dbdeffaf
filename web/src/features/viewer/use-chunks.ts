import { useCallback, useEffect, useState } from "react";
import { isAbort, problemOf } from "@/api/client";
import { listChunks } from "@/api/material";
import type { Chunk, Problem } from "@/api/types";

const atOnce = 40; // chunks that are loaded at once

interface Chunks {
  readonly items: readonly Chunk[];
  readonly total: number;
}

/**
 * The chunks of a source around one of them; the rest on demand. `around` is
 * the seq to begin near, undefined while it is being looked for.
 */
export function useChunks(sourceId: string, around: number | undefined) {
  const [chunks, setChunks] = useState<Chunks | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);

  const fail = useCallback((error: unknown) => {
    if (!isAbort(error)) setProblem(problemOf(error));
  }, []);

  useEffect(() => {
    if (around === undefined) return;
    const abort = new AbortController();
    const from = Math.max(0, around - Math.floor(atOnce / 4));
    listChunks(sourceId, from, atOnce, abort.signal).then(setChunks, fail);
    return () => {
      abort.abort();
    };
  }, [sourceId, around, fail]);

  const first = chunks?.items[0]?.seq ?? 0;
  const last = chunks?.items[chunks.items.length - 1]?.seq ?? -1;
  const hasEarlier = first > 0;
  const hasLater = chunks !== null && last + 1 < chunks.total;

  const loadEarlier = useCallback(() => {
    const from = Math.max(0, first - atOnce);
    listChunks(sourceId, from, first - from).then(({ items }) => {
      setChunks((now) => now && { ...now, items: [...items, ...now.items] });
    }, fail);
  }, [sourceId, first, fail]);

  const loadLater = useCallback(() => {
    listChunks(sourceId, last + 1, atOnce).then(({ items }) => {
      setChunks((now) => now && { ...now, items: [...now.items, ...items] });
    }, fail);
  }, [sourceId, last, fail]);

  return {
    items: chunks?.items ?? [],
    loading: chunks === null && !problem,
    problem,
    hasEarlier,
    hasLater,
    loadEarlier,
    loadLater,
  };
}
