import { useEffect, useState } from "react";
import { problemOf, isAbort } from "@/api/client";
import { connection } from "@/api/connection";
import { deleteConversation, listConversations } from "@/api/conversations";
import type { Conversation, Page } from "@/api/types";
import { shortDate } from "@/lib/format";
import { problemText } from "@/lib/i18n/problem";
import { useI18n } from "@/lib/i18n/i18n";
import { useObservable } from "@/lib/observable";
import { Link } from "@/lib/router";
import { useDelayed } from "@/lib/use-delayed";
import { Button, IconButton } from "@/ui/button";
import { classes } from "@/ui/classes";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { SearchField } from "@/ui/field";
import { PlusIcon, TrashIcon } from "@/ui/icons";
import { toast } from "@/ui/live";
import styles from "./conversation-list.module.css";

interface ConversationListProps {
  readonly current: string | undefined;
  /** Changes whenever a conversation was begun or went on. */
  readonly version: string;
  readonly onNew: () => void;
  /** Called after a conversation was opened. */
  readonly onOpen?: () => void;
}

/** What was asked before: search, open, delete, begin anew. */
export function ConversationList({ current, version, onNew, onOpen }: ConversationListProps) {
  const { t, language, problems } = useI18n();
  const { returns } = useObservable(connection);
  const [search, setSearch] = useState("");
  const [page, setPage] = useState<Page<Conversation> | null>(null);
  const [doomed, setDoomed] = useState<Conversation | null>(null);
  const wanted = useDelayed(search.trim(), 250);

  useEffect(() => {
    const abort = new AbortController();
    listConversations({ search: wanted }, abort.signal).then(setPage, (error: unknown) => {
      if (!isAbort(error)) toast(problemText(language, problems, problemOf(error)).message);
    });
    return () => {
      abort.abort();
    };
  }, [wanted, version, returns, language, problems]);

  const more = async (loaded: Page<Conversation>) => {
    try {
      const next = await listConversations({ search: wanted, ...(loaded.next && { cursor: loaded.next }) });
      setPage({ ...next, items: [...loaded.items, ...next.items] });
    } catch (error) {
      toast(problemText(language, problems, problemOf(error)).message);
    }
  };

  const remove = async (conversation: Conversation) => {
    setDoomed(null);
    try {
      await deleteConversation(conversation.id);
      setPage((now) => now && { ...now, items: now.items.filter((item) => item.id !== conversation.id) });
      if (conversation.id === current) onNew();
      toast(t("conversations.deleted"));
    } catch (error) {
      toast(problemText(language, problems, problemOf(error)).message);
    }
  };

  return (
    <div className={styles.panel}>
      <Button look="primary" icon={<PlusIcon />} onClick={onNew}>
        {t("conversations.new")}
      </Button>
      <SearchField label={t("conversations.search")} value={search} onChange={setSearch} />
      {page?.items.length === 0 && (
        <p className={styles.none}>{t(wanted ? "conversations.none_found" : "conversations.none")}</p>
      )}
      <ul className={styles.list}>
        {page?.items.map((item) => (
          <li key={item.id} className={classes(styles.item, item.id === current && styles.current)}>
            <Link
              href={`/?conversation=${encodeURIComponent(item.id)}`}
              className={styles.open}
              aria-current={item.id === current ? "true" : undefined}
              {...(onOpen && { onClick: onOpen })}
            >
              <span className={styles.name}>{item.title}</span>
              <span className={styles.date}>{shortDate(item.updated_at)}</span>
            </Link>
            <IconButton
              className={styles.delete}
              icon={<TrashIcon size={20} />}
              label={t("conversations.delete", { title: item.title })}
              onClick={() => {
                setDoomed(item);
              }}
            />
          </li>
        ))}
      </ul>
      {page?.next && (
        <Button
          onClick={() => {
            void more(page);
          }}
        >
          {t("action.more")}
        </Button>
      )}
      {doomed && (
        <ConfirmDialog
          title={t("conversations.delete_title")}
          confirm={t("action.delete")}
          onConfirm={() => {
            void remove(doomed);
          }}
          onClose={() => {
            setDoomed(null);
          }}
        >
          <p>
            <strong>{doomed.title}</strong>
          </p>
          <p>{t("conversations.delete_text")}</p>
        </ConfirmDialog>
      )}
    </div>
  );
}
