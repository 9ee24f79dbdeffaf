import type { ReactNode } from "react";
import styles from "./card.module.css";
import { classes } from "./classes";

interface CardProps {
  readonly className?: string | undefined;
  readonly children: ReactNode;
}

export function Card({ className, children }: CardProps) {
  return <div className={classes(styles.card, className)}>{children}</div>;
}
