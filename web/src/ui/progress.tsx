import styles from "./progress.module.css";

interface ProgressProps {
  /** 0 to 1; null while nobody knows. */
  readonly value: number | null;
  readonly label: string;
}

export function Progress({ value, label }: ProgressProps) {
  const percent = value === null ? undefined : Math.round(Math.min(1, Math.max(0, value)) * 100);
  return (
    <div
      className={styles.track}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <div
        className={percent === undefined ? styles.unknown : styles.bar}
        style={percent === undefined ? undefined : { transform: `scaleX(${String(percent / 100)})` }}
      />
    </div>
  );
}
