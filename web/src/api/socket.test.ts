import { beforeEach, describe, expect, it, vi } from "vitest";
import { FakeSocket } from "@/testing/fake-socket";
import { ChatSocket, chatUrl } from "./socket";
import type { AnswerFrame } from "./types";

let sockets: FakeSocket[];
let downs: number;
let frames: AnswerFrame[];
let chat: ChatSocket;

const seen = () => frames.map((frame) => `${frame.type} ${String(frame.seq)}`);
const socket = (i = sockets.length - 1): FakeSocket => {
  const found = sockets[i];
  if (!found) throw new Error("no such socket");
  return found;
};

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  frames = [];
  downs = 0;
  chat = new ChatSocket({
    connect: () => {
      const fake = new FakeSocket();
      sockets.push(fake);
      return fake as unknown as WebSocket;
    },
    random: () => 1,
    onDown: () => downs++,
  });
});

function ask(request = "q1", conversation?: string): void {
  chat.ask({ request, text: "Why?", ...(conversation !== undefined && { conversation }) }, (frame) =>
    frames.push(frame),
  );
}

describe("asking", () => {
  it("connects with the first question, and sends it when the line is open", () => {
    ask("q1", "c1");
    expect(socket().sent).toEqual([]);
    socket().accept();
    expect(socket().sent).toEqual([{ v: 1, type: "ask", request: "q1", data: { text: "Why?", conversation: "c1" } }]);
  });

  it("hands on an answer's events, and nothing after its end", () => {
    ask();
    socket().accept();
    socket().receive("accepted", "q1", 1);
    socket().receive("sources", "q1", 2);
    socket().receive("done", "q1", 3);
    socket().receive("token", "q1", 4);
    socket().receive("token", "other", 1);
    expect(seen()).toEqual(["accepted 1", "sources 2", "done 3"]);
  });

  it("hands on what to go on with after the end, for a while", () => {
    ask();
    socket().accept();
    socket().receive("accepted", "q1", 1);
    socket().receive("done", "q1", 2);
    vi.advanceTimersByTime(9000);
    socket().receive("actions", "q1", 3);
    socket().receive("actions", "q1", 4);
    ask("q2");
    socket().receive("accepted", "q2", 1);
    socket().receive("done", "q2", 2);
    vi.advanceTimersByTime(10_000);
    socket().receive("actions", "q2", 3);
    expect(seen()).toEqual(["accepted 1", "done 2", "actions 3", "accepted 1", "done 2"]);
  });

  it("takes an error without a number as the end of its question", () => {
    ask();
    socket().accept();
    socket().receive("error", "q1", 0, { code: "busy" });
    socket().receive("accepted", "q1", 1);
    expect(seen()).toEqual(["error 0"]);
  });
});

describe("a lost link", () => {
  it("asks again when nothing was heard, under the same id", () => {
    ask();
    socket().accept();
    socket().drop();
    vi.advanceTimersByTime(500);
    socket(1).accept();
    expect(socket(1).sent).toEqual(socket(0).sent);
    expect(downs).toBe(1);
  });

  it("resumes after the last event, and shows each event once", () => {
    ask();
    socket().accept();
    socket().receive("accepted", "q1", 1);
    socket().receive("token", "q1", 2);
    socket().drop();
    vi.advanceTimersByTime(500);
    socket().accept();
    expect(socket().sent).toEqual([{ v: 1, type: "resume", request: "q1", data: { after: 2 } }]);
    socket().receive("token", "q1", 2); // an old box that repeats itself
    socket().receive("token", "q1", 3);
    expect(seen()).toEqual(["accepted 1", "token 2", "token 3"]);
  });

  it("asks for a gap once, and goes on when it is filled", () => {
    ask();
    socket().accept();
    socket().receive("accepted", "q1", 1);
    socket().receive("token", "q1", 3);
    socket().receive("token", "q1", 4);
    expect(socket().sent.slice(1)).toEqual([{ v: 1, type: "resume", request: "q1", data: { after: 1 } }]);
    socket().receive("token", "q1", 2);
    socket().receive("token", "q1", 3);
    expect(seen()).toEqual(["accepted 1", "token 2", "token 3"]);
  });

  it("tries again more and more rarely, up to ten seconds", () => {
    ask();
    const waits: number[] = [];
    for (let i = 0; i < 7; i++) {
      const before = sockets.length;
      socket().drop();
      let waited = 0;
      while (sockets.length === before) {
        vi.advanceTimersByTime(100);
        waited += 100;
      }
      waits.push(waited);
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  });

  it("does not reconnect for nobody", () => {
    ask();
    socket().accept();
    chat.forget("q1");
    socket().drop();
    vi.advanceTimersByTime(60_000);
    expect(sockets).toHaveLength(1);
    expect(downs).toBe(0);
  });

  it("comes back at once when the box was seen again", () => {
    ask();
    socket().drop();
    chat.reconnect();
    expect(sockets).toHaveLength(2);
    vi.advanceTimersByTime(60_000);
    expect(sockets).toHaveLength(2);
  });

  it("finds a dead line by its silence", () => {
    ask();
    socket().accept();
    vi.advanceTimersByTime(20_000);
    expect(socket().sent[1]).toEqual({ v: 1, type: "ping" });
    socket().receive("pong", "", 0);
    vi.advanceTimersByTime(29_900);
    expect(sockets).toHaveLength(1);
    vi.advanceTimersByTime(700);
    expect(sockets).toHaveLength(2);
  });
});

it("finds the box that served the page", () => {
  expect(chatUrl({ protocol: "http:", host: "192.168.1.7:8080" })).toBe("ws://192.168.1.7:8080/ws/chat");
  expect(chatUrl({ protocol: "https:", host: "bwenge.local" })).toBe("wss://bwenge.local/ws/chat");
});
