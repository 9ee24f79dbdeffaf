import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { isAbort, problemOf } from "@/api/client";
import { connection } from "@/api/connection";
import { listSources, type Sort } from "@/api/material";
import { watchSources } from "@/api/source-events";
import type { Problem, Source, Status } from "@/api/types";
import { useObservable } from "@/lib/observable";
import { useLocation } from "@/lib/router";
import { append, emptyList, fromPage, isBusy, upsert, without, type SourceList } from "./source-list";
import { lastStored } from "./uploads";

const pageSize = 30;
const shown = new Map<string, number>(); // how many rows an entry of the history showed when it was left
const pollBusy = 3000; // ms between lists while the stream is down and something moves
const pollIdle = 15_000;

export interface Filter {
  readonly search: string;
  readonly status: Status | "";
  readonly subject: string;
  readonly grade: string;
  readonly folder: string;
  readonly sort: Sort;
}

interface Sources {
  readonly list: SourceList;
  readonly loading: boolean;
  readonly problem: Problem | null;
  readonly loadMore: () => void;
  /** Shows a source as an action of this page left it. */
  readonly put: (source: Source) => void;
  readonly drop: (id: string) => void;
  readonly refresh: () => void;
}

/** The material that fits a filter, kept up to date by the box's events, else by asking again. */
export function useSources({ search, status, subject, grade, folder, sort }: Filter): Sources {
  const { returns } = useObservable(connection);
  const { entry, returned } = useLocation();
  const stored = useObservable(lastStored);
  const [list, setList] = useState<SourceList>(emptyList);
  const [state, setState] = useState<{ loading: boolean; problem: Problem | null }>({ loading: true, problem: null });
  const [live, setLive] = useState(false);
  const showsAll =
    search === "" && status === "" && subject === "" && grade === "" && folder === "" && sort === "newest";
  const asked = useMemo(
    () => ({ search, status, subject, grade, folder, ...(sort !== "newest" && { sort }) }),
    [search, status, subject, grade, folder, sort],
  );
  const loaded = useRef(0); // how many rows are shown, to be listed again as many
  const busy = list.items.some(isBusy);

  useEffect(() => {
    loaded.current = list.items.length;
    if (list.items.length > 0) shown.set(entry, list.items.length);
  }, [list, entry]);

  const load = useCallback(
    (limit: number, signal?: AbortSignal) => {
      listSources({ ...asked, limit }, signal).then(
        (page) => {
          setList(fromPage(page));
          setState({ loading: false, problem: null });
        },
        (error: unknown) => {
          if (!isAbort(error)) setState({ loading: false, problem: problemOf(error) });
        },
      );
    },
    [asked],
  );
  const refresh = useCallback(() => {
    load(Math.min(100, Math.max(pageSize, loaded.current)));
  }, [load]);

  // Whoever comes back from a source finds as much as they left.
  const [first] = useState(() => (returned ? (shown.get(entry) ?? 0) : 0));
  useEffect(() => {
    const abort = new AbortController();
    load(Math.min(100, Math.max(pageSize, first)), abort.signal);
    return () => {
      abort.abort();
    };
  }, [load, returns, first]);

  const put = useCallback(
    (source: Source) => {
      setList((now) => upsert(now, source, showsAll));
    },
    [showsAll],
  );
  const drop = useCallback((id: string) => {
    setList((now) => without(now, id));
  }, []);

  useEffect(
    () =>
      watchSources({
        onSource: put,
        onOpen: () => {
          setLive(true);
          refresh(); // the stream has no history
        },
        onDown: () => {
          setLive(false);
        },
      }),
    [put, refresh],
  );

  useEffect(() => {
    if (live) return;
    const timer = setInterval(
      () => {
        if (document.visibilityState === "visible") refresh();
      },
      busy ? pollBusy : pollIdle,
    );
    return () => {
      clearInterval(timer);
    };
  }, [live, busy, refresh]);

  // Seen already through the stream, or new to a list whose stream is down.
  useEffect(() => {
    if (stored) refresh();
  }, [stored, refresh]);

  const loadMore = useCallback(() => {
    const { next } = list;
    if (next === undefined) return;
    listSources({ ...asked, limit: pageSize, cursor: next }).then(
      (page) => {
        setList((now) => append(now, page));
      },
      (error: unknown) => {
        setState({ loading: false, problem: problemOf(error) });
      },
    );
  }, [list, asked]);

  return { list, ...state, loadMore, put, drop, refresh };
}
