import styles from "./imigongo.module.css";

/**
 * Imigongo is the relief painting of Kirehe in eastern Rwanda: zigzags and
 * diamonds in soot, chalk and clay. A band of it runs under the bar and where
 * one part of a screen ends.
 */
export function Band() {
  return <div className={styles.band} aria-hidden="true" />;
}

/** The mark of the tutor: a diamond of nested chevrons. */
export function Emblem({ size = 72 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 48 48" aria-hidden="true" focusable="false">
      <path className={styles.soot} d="M24 0 48 24 24 48 0 24z" />
      <path className={styles.chalk} d="M24 5 43 24 24 43 5 24z" />
      <path className={styles.clay} d="M24 10 38 24 24 38 10 24z" />
      <path className={styles.chalk} d="M24 15 33 24 24 33 15 24z" />
      <path className={styles.soot} d="M24 19.5 28.5 24 24 28.5 19.5 24z" />
    </svg>
  );
}
