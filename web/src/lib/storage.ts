/**
 * Small things that the app remembers. Storage can be full, switched off or
 * absent in a private window; then it simply forgets.
 */
interface Memory {
  readonly get: (key: string) => string | null;
  /** Null forgets the key. */
  readonly set: (key: string, value: string | null) => void;
}

function memory(storage: () => Storage): Memory {
  return {
    get(key) {
      try {
        return storage().getItem(key);
      } catch {
        return null;
      }
    },
    set(key, value) {
      try {
        if (value === null) storage().removeItem(key);
        else storage().setItem(key, value);
      } catch {
        // Forgotten; see above.
      }
    },
  };
}

/** Kept on this tablet, for every page of the app. */
export const tablet = memory(() => localStorage);

/** Kept with this one tab, over reloads. */
export const tab = memory(() => sessionStorage);
