import styles from "./spinner.module.css";

/** Says that something is loading, but not before it takes noticeably long. */
export function Spinner({ label }: { readonly label: string }) {
  return (
    <p className={styles.spinner} role="status">
      <span className={styles.turning} aria-hidden="true" />
      {label}
    </p>
  );
}
