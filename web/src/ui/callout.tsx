import type { ReactNode } from "react";
import styles from "./callout.module.css";
import { classes } from "./classes";

interface CalloutProps {
  readonly tone?: "plain" | "bad" | "sun";
  readonly icon?: ReactNode;
  readonly title?: ReactNode;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}

/** Something to know: what happened, and what to do. */
export function Callout({ tone = "plain", icon, title, children, action }: CalloutProps) {
  return (
    <div className={classes(styles.callout, styles[tone])}>
      {icon && <span className={styles.icon}>{icon}</span>}
      <div className={styles.text}>
        {title && <p className={styles.title}>{title}</p>}
        {children}
      </div>
      {action && <div className={styles.action}>{action}</div>}
    </div>
  );
}
