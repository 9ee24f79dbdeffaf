import { useEffect, useState } from "react";
import { isAbort, problemOf } from "@/api/client";
import { connection } from "@/api/connection";
import type { PassageRef } from "@/api/links";
import { findChunk, getSource } from "@/api/material";
import type { Problem, Source } from "@/api/types";
import { useObservable } from "@/lib/observable";

/** A source, or why it cannot be shown. */
export function useSource(id: string): { readonly source: Source | null; readonly problem: Problem | null } {
  const { returns } = useObservable(connection);
  const [result, setResult] = useState<{ source: Source | null; problem: Problem | null }>({
    source: null,
    problem: null,
  });
  useEffect(() => {
    const abort = new AbortController();
    getSource(id, abort.signal).then(
      (source) => {
        setResult({ source, problem: null });
      },
      (error: unknown) => {
        if (!isAbort(error)) setResult({ source: null, problem: problemOf(error) });
      },
    );
    return () => {
      abort.abort();
    };
  }, [id, returns]);
  return result;
}

interface Located {
  /** The passage; absent where none is asked for, or where it is gone. */
  readonly passage: PassageRef | undefined;
  /** Its seq; undefined while it is being looked for. */
  readonly seq: number | undefined;
}

/**
 * The passage that an address names. What its link handed over is shown at
 * once; an address opened by itself is looked up.
 */
export function useLocated(sourceId: string, chunk: number | undefined, handed: PassageRef | undefined): Located {
  const [found, setFound] = useState<(Located & { chunk: number }) | null>(null);

  useEffect(() => {
    if (chunk === undefined) return;
    const abort = new AbortController();
    const look = async () => {
      const whole = await findChunk(sourceId, chunk, abort.signal);
      if (!whole) {
        setFound({ chunk, passage: undefined, seq: 0 });
        return;
      }
      const { id: chunkId, text, place, heading, seq } = whole;
      setFound({ chunk, seq, passage: { sourceId, chunkId, text, place, ...(heading !== undefined && { heading }) } });
    };
    look().catch((error: unknown) => {
      if (!isAbort(error)) setFound({ chunk, passage: undefined, seq: 0 });
    });
    return () => {
      abort.abort();
    };
  }, [sourceId, chunk]);

  if (chunk === undefined) return { passage: undefined, seq: 0 };
  const known = found?.chunk === chunk ? found : undefined;
  return { passage: known?.passage ?? (handed?.chunkId === chunk ? handed : undefined), seq: known?.seq };
}
