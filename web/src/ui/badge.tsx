import type { ReactNode } from "react";
import styles from "./badge.module.css";
import { classes } from "./classes";

export type Tone = "neutral" | "good" | "busy" | "bad";

interface BadgeProps {
  readonly tone?: Tone;
  readonly children: ReactNode;
}

/** A state in a word. The word says it; the colour only helps. */
export function Badge({ tone = "neutral", children }: BadgeProps) {
  return <span className={classes(styles.badge, styles[tone])}>{children}</span>;
}
