import { useId, useLayoutEffect, useRef, type ReactNode } from "react";
import { useI18n } from "@/lib/i18n/i18n";
import { IconButton } from "./button";
import { CloseIcon } from "./icons";
import styles from "./dialog.module.css";
import { classes } from "./classes";

interface DialogProps {
  readonly title: string;
  /** A sheet comes in from the side and holds a list; the default is a question in the middle. */
  readonly sheet?: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly actions?: ReactNode;
}

/** A native modal dialog, open as long as it is mounted. The browser keeps the focus in it. */
export function Dialog({ title, sheet = false, onClose, children, actions }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const { t } = useI18n();

  // Closed while it is still in the page, so that the focus goes back to where it
  // was: once it is gone, the browser puts it to the top.
  useLayoutEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    if (dialog && !dialog.open) dialog.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected && before !== document.body) {
        before.focus({ preventScroll: true });
      }
    };
  }, []);

  return (
    // A tap beside the dialog closes it. The keyboard has Escape for that, which
    // the browser turns into a cancel event.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/click-events-have-key-events
    <dialog
      ref={ref}
      className={classes(styles.dialog, sheet && styles.sheet)}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
    >
      <div className={styles.body}>
        <header className={styles.header}>
          <h2 id={titleId}>{title}</h2>
          <IconButton icon={<CloseIcon />} label={t("action.close")} onClick={onClose} />
        </header>
        <div className={styles.content}>{children}</div>
        {actions && <footer className={styles.actions}>{actions}</footer>}
      </div>
    </dialog>
  );
}
