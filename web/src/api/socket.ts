import type { AnswerFrame, ClientFrame, ServerFrame } from "./types";

const version = 1;
const pingEvery = 20_000; // ms without a word from the box
const silentFor = 10_000; // ms after a ping: the line is dead, whatever the browser thinks
const firstBackoff = 500;
const lingerFor = 10_000; // ms after an answer's end, for what to go on with
const longestBackoff = 10_000;

/** A question on its way. `conversation` is absent where it starts one. */
export interface Ask {
  readonly request: string;
  readonly text: string;
  readonly conversation?: string;
  /** Who should answer; absent is who answers the conversation. */
  readonly persona?: string;
}

export type SocketState = "idle" | "connecting" | "open" | "waiting";

/** What the client needs of the world; tests bring their own. */
export interface SocketWorld {
  readonly connect: () => WebSocket;
  readonly random: () => number;
  /** Tells that the line went down, so that someone checks whether the box is there. */
  readonly onDown: () => void;
}

interface Follow {
  readonly ask: Ask | null; // null: only resumed, never asked from here
  readonly onFrame: (frame: AnswerFrame) => void;
  last: number; // seq of the last event seen
  gap: boolean; // events after it were asked for again
  done: boolean; // only actions may still come
}

/**
 * The chat socket: asks questions, and hands every event of their answers on
 * exactly once and in order, over any number of lost links.
 *
 * An answer's events are numbered from 1. After a reconnect a question of which
 * no event has been seen is asked again (its id makes that harmless), any other
 * is resumed after the last event seen. Events seen before are dropped; a gap
 * is asked for again. `error` ends a question, and so does `done`, but for
 * `actions`, which may come soon after.
 */
export class ChatSocket {
  private readonly world: SocketWorld;
  private readonly follows = new Map<string, Follow>();
  private socket: WebSocket | null = null;
  private attempts = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private pulse: ReturnType<typeof setTimeout> | undefined;
  private listener: (state: SocketState) => void = () => undefined;

  constructor(world: SocketWorld) {
    this.world = world;
  }

  /** The one follower of the line's state. */
  onState(listener: (state: SocketState) => void): void {
    this.listener = listener;
  }

  ask(ask: Ask, onFrame: (frame: AnswerFrame) => void): void {
    this.follow(ask.request, { ask, onFrame, last: 0, gap: false, done: false });
  }

  /** Joins the answer to a question that was asked before, from its beginning. */
  resume(request: string, onFrame: (frame: AnswerFrame) => void): void {
    this.follow(request, { ask: null, onFrame, last: 0, gap: false, done: false });
  }

  /** Stops an answer for everybody. The box then ends it with an event. */
  cancel(request: string): void {
    this.send({ v: version, type: "cancel", request });
  }

  /** Gives up following an answer, and leaves it to the box. */
  forget(request: string): void {
    this.follows.delete(request);
    if (this.follows.size === 0) clearTimeout(this.retry);
  }

  /** Connects now rather than when the next attempt is due: the box was seen again. */
  reconnect(): void {
    if (this.socket || this.follows.size === 0) return;
    clearTimeout(this.retry);
    this.attempts = 0;
    this.open();
  }

  private follow(request: string, follow: Follow): void {
    this.follows.set(request, follow);
    if (this.socket?.readyState === WebSocket.OPEN) this.start(request, follow);
    else if (!this.socket) this.reconnect();
  }

  private open(): void {
    this.listener("connecting");
    const socket = this.world.connect();
    this.socket = socket;
    socket.onopen = () => {
      this.attempts = 0;
      this.listener("open");
      this.beat();
      for (const [request, follow] of this.follows) this.start(request, follow);
    };
    socket.onmessage = (event: MessageEvent<unknown>) => {
      this.beat();
      if (typeof event.data === "string") this.receive(event.data);
    };
    socket.onclose = () => {
      this.down(socket);
    };
  }

  /** Called when a line ends, by the browser or because it went silent. */
  private down(socket: WebSocket): void {
    if (this.socket !== socket) return;
    this.socket = null;
    clearTimeout(this.pulse);
    if (this.follows.size === 0) {
      this.listener("idle");
      return;
    }
    this.world.onDown();
    this.listener("waiting");
    const ceiling = Math.min(longestBackoff, firstBackoff * 2 ** this.attempts++);
    // Half fixed, half by chance: a class must not come back in one moment.
    this.retry = setTimeout(
      () => {
        this.open();
      },
      ceiling / 2 + (this.world.random() * ceiling) / 2,
    );
  }

  private start(request: string, { ask, last }: Follow): void {
    if (ask && last === 0) {
      const { text, conversation, persona } = ask;
      this.send({
        v: version,
        type: "ask",
        request,
        data: { text, ...(conversation !== undefined && { conversation }), ...(persona !== undefined && { persona }) },
      });
    } else {
      this.send({ v: version, type: "resume", request, data: { after: last } });
    }
  }

  private receive(text: string): void {
    const frame = JSON.parse(text) as ServerFrame;
    if (frame.type === "pong") return;
    const follow = this.follows.get(frame.request);
    if (!follow || (follow.done && frame.type !== "actions" && frame.type !== "done")) return;
    if (frame.seq > 0) {
      if (frame.seq <= follow.last) return;
      if (frame.seq > follow.last + 1) {
        if (follow.gap) return;
        follow.gap = true;
        this.send({ v: version, type: "resume", request: frame.request, data: { after: follow.last } });
        return;
      }
      follow.last = frame.seq;
      follow.gap = false;
    }
    // An error without a number is about the request itself, and ends it too.
    if (frame.type === "actions" || frame.type === "error") this.forget(frame.request);
    // What to go on with may come soon after, or not at all.
    if (frame.type === "done") {
      follow.done = true;
      setTimeout(() => {
        if (this.follows.get(frame.request) === follow) this.forget(frame.request);
      }, lingerFor);
    }
    follow.onFrame(frame);
  }

  /** Winds up the watch that finds a dead line. */
  private beat(): void {
    clearTimeout(this.pulse);
    this.pulse = setTimeout(() => {
      this.send({ v: version, type: "ping" });
      this.pulse = setTimeout(() => {
        const socket = this.socket;
        if (!socket) return;
        socket.close();
        this.down(socket); // a dead line may take minutes to report its own end
      }, silentFor);
    }, pingEvery);
  }

  private send(frame: ClientFrame): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }
}

/** The address of the chat socket on the box that served this page. */
export function chatUrl({ protocol, host }: { protocol: string; host: string } = window.location): string {
  return `${protocol === "https:" ? "wss:" : "ws:"}//${host}/ws/chat`;
}
