import { useCallback, useState } from "react";
import { problemOf } from "@/api/client";
import { bringBack, eraseSource, listSources } from "@/api/material";
import type { Source } from "@/api/types";
import { usePaged } from "@/api/use-paged";
import { problemText } from "@/lib/i18n/problem";
import { useI18n } from "@/lib/i18n/i18n";
import { Button, IconButton } from "@/ui/button";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { Dialog } from "@/ui/dialog";
import { RetryIcon, TrashIcon } from "@/ui/icons";
import { toast } from "@/ui/live";
import styles from "./source-row.module.css";

interface DeletedListProps {
  readonly onBack: () => void;
  readonly onClose: () => void;
}

/** What was deleted within a day: it can be brought back, or erased for good. */
export function DeletedList({ onBack, onClose }: DeletedListProps) {
  const { t, language, problems } = useI18n();
  const load = useCallback((cursor: string) => listSources({ deleted: "true", cursor, limit: 30 }), []);
  const { items, more, reload } = usePaged<Source>(load);
  const [asking, setAsking] = useState<Source | null>(null);
  const act = async (action: Promise<unknown>, said: string) => {
    try {
      await action;
      toast(said);
      reload();
      onBack();
    } catch (error) {
      toast(problemText(language, problems, problemOf(error)).message);
    }
  };
  return (
    <Dialog title={t("trash.title")} onClose={onClose}>
      <p>{t("trash.text")}</p>
      {items?.length === 0 && <p>{t("trash.none")}</p>}
      <ul className={styles.deleted}>
        {items?.map((source) => (
          <li key={source.id} className={styles.head}>
            <span className={styles.title}>
              {source.title}
              {source.kept_until !== undefined && (
                <span className={styles.facts}>
                  {" "}
                  {t("trash.until", {
                    time: new Date(source.kept_until).toLocaleTimeString(language, {
                      hour: "2-digit",
                      minute: "2-digit",
                    }),
                  })}
                </span>
              )}
            </span>
            {source.may_change && (
              <>
                <IconButton
                  icon={<RetryIcon />}
                  label={t("trash.restore", { title: source.title })}
                  onClick={() => void act(bringBack(source.id), t("trash.restored", { title: source.title }))}
                />
                <IconButton
                  icon={<TrashIcon />}
                  label={t("trash.purge", { title: source.title })}
                  onClick={() => {
                    setAsking(source);
                  }}
                />
              </>
            )}
          </li>
        ))}
      </ul>
      {more && <Button onClick={more}>{t("action.more")}</Button>}
      {asking && (
        <ConfirmDialog
          title={t("trash.purge_title")}
          confirm={t("action.delete")}
          onClose={() => {
            setAsking(null);
          }}
          onConfirm={() => {
            setAsking(null);
            void act(eraseSource(asking.id), t("trash.purged", { title: asking.title }));
          }}
        >
          <p>
            <strong>{asking.title}</strong>
          </p>
          <p>{t("trash.purge_text")}</p>
        </ConfirmDialog>
      )}
    </Dialog>
  );
}
