import type { ClientFrame } from "@/api/types";

/** A WebSocket whose other end is the test. */
export class FakeSocket {
  readonly sent: ClientFrame[] = [];
  readyState: number = WebSocket.CONNECTING;
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;

  send(text: string): void {
    this.sent.push(JSON.parse(text) as ClientFrame);
  }

  close(): void {
    this.readyState = WebSocket.CLOSING;
  }

  /** The box accepts the connection. */
  accept(): void {
    this.readyState = WebSocket.OPEN;
    this.onopen?.();
  }

  /** The line breaks. */
  drop(): void {
    this.readyState = WebSocket.CLOSED;
    this.onclose?.();
  }

  receive(type: string, request: string, seq: number, data: unknown = {}): void {
    this.onmessage?.({ data: JSON.stringify({ v: 1, type, request, seq, data }) });
  }
}
