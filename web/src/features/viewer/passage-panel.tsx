import type { PassageRef } from "@/api/links";
import { useI18n } from "@/lib/i18n/i18n";
import { Button } from "@/ui/button";
import { NextIcon } from "@/ui/icons";
import styles from "./passage-panel.module.css";

interface PassagePanelProps {
  readonly passage: PassageRef;
  readonly where: string;
  /** Present where another page is open than the passage's. */
  readonly onReturn: (() => void) | undefined;
}

/**
 * The cited passage as the box has read it, above the page. On a scanned page,
 * which is a picture, it is all there is to mark.
 */
export function PassagePanel({ passage, where, onReturn }: PassagePanelProps) {
  const { t } = useI18n();
  return (
    <details className={styles.panel}>
      <summary className={styles.summary}>
        <span className={styles.label}>{t("viewer.cited")}</span>
        <span className={styles.excerpt}>{passage.text.replace(/\s+/g, " ")}</span>
        <span className={styles.arrow}>
          <NextIcon size={20} />
        </span>
      </summary>
      <blockquote className={styles.text}>{passage.text}</blockquote>
      {onReturn && <Button onClick={onReturn}>{t("viewer.to_passage", { where })}</Button>}
    </details>
  );
}
