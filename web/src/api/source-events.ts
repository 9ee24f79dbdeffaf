import type { Source } from "./types";

const path = "/api/v1/knowledge/events";

interface Watcher {
  /** A source changed, or is new. */
  readonly onSource: (source: Source) => void;
  /** The stream is open, again or for the first time: list what was missed. */
  readonly onOpen: () => void;
  /** The stream is down; the browser tries again by itself. */
  readonly onDown: () => void;
}

/**
 * Follows the changes of the material while the page can be seen. A browser
 * keeps only six connections to one host, so hidden pages give theirs back.
 * The result stops it.
 */
export function watchSources({ onSource, onOpen, onDown }: Watcher): () => void {
  let stream: EventSource | null = null;

  const start = () => {
    if (stream || document.visibilityState === "hidden") return;
    stream = new EventSource(path);
    stream.onopen = onOpen;
    stream.onerror = () => {
      // After an answer that is no stream the browser gives up for good.
      if (stream?.readyState === EventSource.CLOSED) stop();
      onDown();
    };
    stream.addEventListener("source", (event: MessageEvent<string>) => {
      onSource(JSON.parse(event.data) as Source);
    });
  };
  const stop = () => {
    stream?.close();
    stream = null;
  };
  const follow = () => {
    if (document.visibilityState === "hidden") stop();
    else start();
  };

  document.addEventListener("visibilitychange", follow);
  const retry = setInterval(follow, 5000);
  start();
  return () => {
    document.removeEventListener("visibilitychange", follow);
    clearInterval(retry);
    stop();
  };
}
