import { Observable } from "@/lib/observable";

/**
 * Whether the box answers. `returns` counts how often it came back, or somebody
 * came back to this tab, so that a screen can load again what it may have missed.
 */
export interface Connection {
  readonly lost: boolean;
  readonly returns: number;
}

export const connection = new Observable<Connection>({ lost: false, returns: 0 });

const longAway = 5000; // ms out of sight in which something may have changed
let left = 0;
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") {
    left = Date.now();
  } else if (left > 0 && Date.now() - left > longAway) {
    left = 0;
    const { lost, returns } = connection.get();
    if (!lost) connection.set({ lost, returns: returns + 1 });
  }
});

const healthPath = "/api/v1/health";
const firstDelay = 1000;
const longestDelay = 8000;
let probing = false;

/** Called when a request found nobody. The box is then tried until it answers. */
export function reportLost(): void {
  if (probing) return;
  probing = true;
  void probe(0);
}

export function reportReached(): void {
  const { lost, returns } = connection.get();
  if (lost) connection.set({ lost: false, returns: returns + 1 });
}

async function probe(delay: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, delay));
  // Any answer at all, be it an error, means that somebody is there.
  const answered = await fetch(healthPath, { cache: "no-store" }).then(
    () => true,
    () => false,
  );
  if (answered) {
    probing = false;
    reportReached();
    return;
  }
  if (!connection.get().lost) connection.set({ ...connection.get(), lost: true });
  await probe(Math.min(longestDelay, Math.max(firstDelay, delay * 2)));
}
