import { vi } from "vitest";
import type { Source } from "@/api/types";

interface Reply {
  readonly status?: number;
  readonly body?: unknown;
}
type Handler = (path: string, query: URLSearchParams) => Reply | undefined;

/** An EventSource whose other end is the test. */
export class FakeEventSource {
  static readonly CLOSED = 2;
  static last: FakeEventSource | undefined;
  readyState = 1;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  private listener: ((event: { data: string }) => void) | undefined;

  constructor() {
    FakeEventSource.last = this;
  }

  addEventListener(_type: string, listener: (event: { data: string }) => void): void {
    this.listener = listener;
  }

  close(): void {
    this.readyState = FakeEventSource.CLOSED;
  }

  tell(source: Source): void {
    this.listener?.({ data: JSON.stringify(source) });
  }
}

/** Answers the app's requests in place of the box, and lists them as "METHOD /path?query". */
export function fakeBox(routes: Record<string, Handler | Reply>): string[] {
  const requests: string[] = [];
  vi.stubGlobal("EventSource", FakeEventSource);
  vi.stubGlobal("fetch", (address: string, init?: RequestInit) => {
    const method = init?.method ?? "GET";
    requests.push(`${method} ${address}`);
    const { pathname, searchParams } = new URL(address, "http://box");
    const route = routes[`${method} ${pathname}`];
    const reply = typeof route === "function" ? route(pathname, searchParams) : route;
    const { status = 200, body } = reply ?? { status: 404, body: { code: "not_found", detail: "No such thing." } };
    return Promise.resolve(new Response(status === 204 ? null : JSON.stringify(body), { status }));
  });
  return requests;
}

export function page<T>(items: readonly T[], next?: string) {
  return { body: { items, total: items.length, ...(next !== undefined && { next }) } };
}

export function source(id: string, more: Partial<Source> = {}): Source {
  return {
    id,
    title: `${id}.pdf`,
    kind: "pdf",
    bytes: 2_400_000,
    sha256: id,
    status: "ready",
    progress: 1,
    chunks: 3,
    vectors: 0,
    may_change: true,
    created_at: "2026-11-23T08:00:00Z",
    ...more,
  };
}
