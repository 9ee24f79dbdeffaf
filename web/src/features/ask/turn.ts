import type { Answer, AnswerFrame, Message, Passage, Problem, Thumb } from "@/api/types";

/**
 * Where a question stands:
 * sending → searching → reading → writing → done, or failed, or stopped.
 * A question of an old conversation that was never answered is `unanswered`.
 */
export type Phase = "sending" | "searching" | "reading" | "writing" | "done" | "failed" | "stopped" | "unanswered";

/** A question with what has come of it. */
export interface Turn {
  readonly request: string;
  readonly conversation?: string;
  readonly question: string;
  /** Whom it was asked, where that is not the school's plain tutor. */
  readonly persona?: string;
  readonly phase: Phase;
  /** What was found; null before the search has ended. */
  readonly passages: readonly Passage[] | null;
  readonly text: string;
  /** Set while others are served first. */
  readonly queue?: { readonly ahead: number; readonly secondsLeft: number };
  readonly answer?: Answer;
  /** What the box has stored of what one thinks of the answer. */
  readonly thumb?: Thumb;
  readonly problem?: Problem;
}

export function newTurn(request: string, question: string, conversation?: string): Turn {
  return {
    request,
    question,
    phase: "sending",
    passages: null,
    text: "",
    ...(conversation !== undefined && { conversation }),
  };
}

export function isLive({ phase }: Turn): boolean {
  return phase === "sending" || phase === "searching" || phase === "reading" || phase === "writing";
}

/** A turn after one more event of its answer. */
export function advance(turn: Turn, frame: AnswerFrame): Turn {
  const { queue: _served, ...rest } = turn;
  switch (frame.type) {
    case "accepted":
      return { ...turn, phase: "searching", conversation: frame.data.conversation_id };
    case "position": {
      const { ahead, seconds_left: secondsLeft } = frame.data;
      return ahead > 0 ? { ...turn, queue: { ahead, secondsLeft } } : rest;
    }
    case "sources":
      return { ...turn, phase: "reading", passages: frame.data.passages };
    case "token":
      return { ...rest, phase: "writing", text: turn.text + frame.data.text };
    case "restart":
      return { ...rest, phase: "reading", text: "" };
    case "done":
      return {
        ...rest,
        phase: "done",
        conversation: frame.data.conversation_id,
        text: frame.data.responseText,
        answer: frame.data,
      };
    case "actions":
      return turn.answer ? { ...turn, answer: { ...turn.answer, actions: frame.data.actions } } : turn;
    case "error":
      if (frame.data.code === "cancelled") return { ...rest, phase: "stopped" };
      return { ...rest, phase: "failed", problem: frame.data };
  }
}

/** The turns of a stored conversation. */
export function turnsOf(messages: readonly Message[], conversation: string): Turn[] {
  const turns: Turn[] = [];
  for (const message of messages) {
    if (message.role === "user") {
      turns.push({
        ...newTurn(message.request_id ?? message.id, message.text, conversation),
        phase: "unanswered",
      });
      continue;
    }
    const request = message.request_id;
    const at = request === undefined ? turns.length - 1 : turns.findIndex((turn) => turn.request === request);
    const turn = turns[at];
    if (turn && message.answer) {
      const { text, answer, thumb } = message;
      turns[at] = { ...turn, phase: "done", text, answer, ...(thumb && { thumb }) };
    }
  }
  return turns;
}

/** Stored turns with those that this page follows itself, which know more. */
export function merge(stored: readonly Turn[], live: readonly Turn[]): Turn[] {
  const byRequest = new Map(live.map((turn) => [turn.request, turn]));
  const merged = stored.map((turn) => {
    const known = byRequest.get(turn.request);
    byRequest.delete(turn.request);
    // What the box has stored is final; a live turn may have missed its end. But what
    // to go on with may have come after it was asked.
    if (!known || turn.phase !== "done") return known ?? turn;
    const [stored, live] = [turn.answer, known.answer];
    if (!stored || !live || live.actions.length <= stored.actions.length) return turn;
    return { ...turn, answer: { ...stored, actions: live.actions } };
  });
  return [...merged, ...byRequest.values()];
}
