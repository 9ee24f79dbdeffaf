import type { ReactNode } from "react";
import { classes } from "@/ui/classes";
import { formStyles as styles } from "@/ui/form";

/** A narrow page of one thing to do. */
export function PlainPage({ children }: { readonly children: ReactNode }) {
  return <div className={classes(styles.page, styles.narrow)}>{children}</div>;
}
