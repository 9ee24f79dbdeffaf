/** How long before the end somebody is asked whether they are still there, in ms. */
const warning = 30_000;

interface IdleWorld {
  readonly onWarn: (left: number) => void;
  readonly onBack: () => void;
  readonly onOver: () => void;
}

/**
 * Watches whether anybody touches the tablet. After `after` ms without a touch
 * it is over; before that it warns, and any touch is an answer. The result
 * stops it.
 */
export function watchIdle(after: number, { onWarn, onBack, onOver }: IdleWorld): () => void {
  let last = Date.now();
  let warned = false;
  const touch = () => {
    last = Date.now();
    if (warned) {
      warned = false;
      onBack();
    }
  };
  const look = () => {
    const left = after - (Date.now() - last);
    if (left <= 0) {
      stop();
      onOver();
    } else if (left <= Math.min(warning, after / 2)) {
      warned = true;
      onWarn(Math.ceil(left / 1000));
    }
  };
  const events = ["pointerdown", "keydown", "scroll", "touchstart"] as const;
  for (const name of events) window.addEventListener(name, touch, { capture: true, passive: true });
  const timer = setInterval(look, 1000);
  const stop = () => {
    clearInterval(timer);
    for (const name of events) window.removeEventListener(name, touch, { capture: true });
  };
  return stop;
}
