import type { ChatSocket } from "@/api/socket";
import type { AnswerFrame } from "@/api/types";
import { newId } from "@/lib/id";
import { Observable } from "@/lib/observable";
import { tab } from "@/lib/storage";
import { advance, isLive, newTurn, type Turn } from "./turn";

const pendingKey = "bwenge.pending";
const batch = 40; // ms: a text that grows 25 times a second reads as smooth, at half the work

interface Pending {
  readonly request: string;
  readonly question: string;
  readonly conversation?: string;
  readonly persona?: string;
}

/** How the asker reaches the box. */
export type Line = Pick<ChatSocket, "ask" | "cancel" | "forget">;

/**
 * The questions asked from this page. They live outside the screens, so that an
 * answer goes on while its asker looks at a source, and, by their ids in the
 * tablet's storage, over a reload.
 */
export class Asker {
  /** All turns of this page, oldest first. */
  readonly turns = new Observable<readonly Turn[]>([]);

  private readonly line: Line;
  private fresh: Turn[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(line: Line) {
    this.line = line;
  }

  /** Asks, and returns the question's id. */
  ask(question: string, conversation?: string, persona?: string): string {
    const request = newId();
    const named = persona !== undefined && persona !== "";
    this.follow({ ...newTurn(request, question, conversation), ...(named && { persona }) });
    return request;
  }

  /** Asks a question of this page again that was stopped or failed. */
  again(turn: Turn): string {
    this.change(this.fresh.filter((other) => other.request !== turn.request));
    return this.ask(turn.question, turn.conversation, turn.persona);
  }

  stop(request: string): void {
    this.line.cancel(request);
    // The box confirms; should it be out of reach, the pupil need not wait for that.
    this.line.forget(request);
    this.update(request, (turn) => (isLive(turn) ? { ...turn, phase: "stopped" } : turn));
    this.savePending();
  }

  /** Takes up the questions that a reload interrupted. */
  resume(): void {
    for (const { request, question, conversation, persona } of readPending()) {
      if (this.fresh.some((turn) => turn.request === request)) continue;
      this.follow({ ...newTurn(request, question, conversation), ...(persona !== undefined && { persona }) });
    }
  }

  private follow(turn: Turn): void {
    this.change([...this.fresh, turn]);
    this.savePending();
    const { request, question: text, conversation, persona } = turn;
    this.line.ask(
      {
        request,
        text,
        ...(conversation !== undefined && { conversation }),
        ...(persona !== undefined && { persona }),
      },
      (frame) => {
        this.receive(frame);
      },
    );
  }

  private receive(frame: AnswerFrame): void {
    const step = (turn: Turn) => advance(turn, frame);
    if (frame.type === "token") {
      this.update(frame.request, step, batch);
      return;
    }
    this.update(frame.request, step);
    if (frame.type !== "position" && frame.type !== "sources") this.savePending();
  }

  private update(request: string, step: (turn: Turn) => Turn, delay = 0): void {
    this.change(
      this.fresh.map((turn) => (turn.request === request ? step(turn) : turn)),
      delay,
    );
  }

  /** Shows a change at once, or together with those of the next moment. */
  private change(turns: Turn[], delay = 0): void {
    this.fresh = turns;
    if (delay > 0) {
      this.timer ??= setTimeout(() => {
        this.change(this.fresh);
      }, delay);
      return;
    }
    clearTimeout(this.timer);
    this.timer = undefined;
    this.turns.set(turns);
  }

  private savePending(): void {
    const pending = this.fresh.filter(isLive).map(({ request, question, conversation, persona }): Pending => ({
      request,
      question,
      ...(conversation !== undefined && { conversation }),
      ...(persona !== undefined && { persona }),
    }));
    tab.set(pendingKey, pending.length > 0 ? JSON.stringify(pending) : null);
  }
}

function readPending(): Pending[] {
  try {
    const list = JSON.parse(tab.get(pendingKey) ?? "[]") as unknown;
    return Array.isArray(list) ? list.filter(isPending) : [];
  } catch {
    return [];
  }
}

function isPending(value: unknown): value is Pending {
  if (typeof value !== "object" || value === null) return false;
  const { request, question } = value as Partial<Pending>;
  return typeof request === "string" && typeof question === "string";
}
