import { useCallback, useEffect, useMemo, useState } from "react";
import { BoxError, isAbort } from "@/api/client";
import { connection } from "@/api/connection";
import { getConversation } from "@/api/conversations";
import { useObservable } from "@/lib/observable";
import { asker } from "./chat";
import { isLive, merge, turnsOf, type Turn } from "./turn";

interface Stored {
  readonly conversation: string;
  readonly turns: readonly Turn[];
  readonly missing: boolean;
}

interface Thread {
  readonly turns: readonly Turn[];
  readonly loading: boolean;
  /** The conversation has been deleted, or never was. */
  readonly missing: boolean;
  /** Shows a question that has no conversation yet; null starts with an empty page. */
  readonly begin: (request: string | null) => void;
}

/** The turns of a conversation: what the box has stored, with what this page is following. */
export function useThread(conversation: string | undefined): Thread {
  const { returns } = useObservable(connection);
  const all = useObservable(asker.turns);
  const [stored, setStored] = useState<Stored | null>(null);
  // After a reload, a question that was on its way to a new conversation is shown again.
  const [begun, setBegun] = useState<string | null>(
    () => all.find((turn) => isLive(turn) && turn.conversation === undefined)?.request ?? null,
  );

  useEffect(() => {
    if (conversation === undefined) return;
    const abort = new AbortController();
    getConversation(conversation, abort.signal).then(
      ({ messages }) => {
        setStored({ conversation, turns: turnsOf(messages, conversation), missing: false });
      },
      (error: unknown) => {
        // Out of reach: the banner says so, and `returns` tries again.
        if (!isAbort(error)) setStored({ conversation, turns: [], missing: error instanceof BoxError });
      },
    );
    return () => {
      abort.abort();
    };
  }, [conversation, returns]);

  const loaded = stored?.conversation === conversation ? stored : null;
  const turns = useMemo(() => {
    const here = all.filter((turn) =>
      conversation === undefined ? turn.request === begun : turn.conversation === conversation,
    );
    return merge(loaded?.turns ?? [], here);
  }, [all, begun, conversation, loaded]);

  const begin = useCallback((request: string | null) => {
    setBegun(request);
  }, []);

  return { turns, loading: conversation !== undefined && !loaded, missing: loaded?.missing ?? false, begin };
}
