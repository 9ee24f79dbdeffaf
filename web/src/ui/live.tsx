import { useEffect } from "react";
import { Observable, useObservable } from "@/lib/observable";
import styles from "./live.module.css";

interface Announcement {
  readonly text: string;
  readonly count: number;
}

const spoken = new Observable<Announcement>({ text: "", count: 0 });
const shown = new Observable<Announcement>({ text: "", count: 0 });

/** Says something to a screen reader, when it has finished what it is saying. */
export function announce(text: string): void {
  spoken.set({ text, count: spoken.get().count + 1 });
}

/** Shows and says something for a moment. Only for what needs no answer. */
export function toast(text: string): void {
  shown.set({ text, count: shown.get().count + 1 });
}

const toastTime = 6000;

/** The two places where announcements appear. Mounted once, for the life of the page. */
export function LiveRegion() {
  const said = useObservable(spoken);
  const toasted = useObservable(shown);

  useEffect(() => {
    if (toasted.text === "") return;
    const timer = setTimeout(() => {
      shown.set({ text: "", count: toasted.count });
    }, toastTime);
    return () => {
      clearTimeout(timer);
    };
  }, [toasted]);

  return (
    <>
      {/* The same words twice in a row are news only in a new element. */}
      <div className="visually-hidden" aria-live="polite">
        <p key={said.count}>{said.text}</p>
      </div>
      <div className={styles.toasts} role="status">
        {toasted.text !== "" && (
          <p key={toasted.count} className={styles.toast}>
            {toasted.text}
          </p>
        )}
      </div>
    </>
  );
}
