import { useEffect, useState } from "react";
import { problemOf } from "@/api/client";
import { forget, listMemories } from "@/api/tutors";
import type { Memory, Problem } from "@/api/types";
import { useI18n } from "@/lib/i18n/i18n";
import { Button } from "@/ui/button";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { EmptyState } from "@/ui/empty-state";
import { Failure } from "@/ui/failure";
import { formStyles as styles } from "@/ui/form";
import { PageTitle } from "@/ui/page-title";
import { Spinner } from "@/ui/spinner";

/** What the tutor keeps about whoever is signed in. */
export default function MemoryScreen() {
  const { t, language } = useI18n();
  const [state, setState] = useState<{ memories: readonly Memory[]; enabled: boolean } | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [asking, setAsking] = useState(false);
  const fail = (error: unknown) => {
    setProblem(problemOf(error));
  };
  const load = () => {
    listMemories().then(setState, fail);
  };
  useEffect(load, []);
  const drop = (id?: string) => {
    setAsking(false);
    forget(id).then(load, fail);
  };
  return (
    <div className={styles.page}>
      <PageTitle>{t("memory.title")}</PageTitle>
      <Failure problem={problem} />
      {!state && !problem && <Spinner label={t("state.loading")} />}
      {state?.enabled === false && <p>{t("memory.off")}</p>}
      {state?.memories.length === 0 && <EmptyState title={t("memory.none")} />}
      <ul className={styles.list}>
        {state?.memories.map(({ id, text, created_at: at }) => (
          <li key={id} className={styles.item}>
            <span className={styles.grow}>
              {text}
              <br />
              <span className={styles.soft}>{new Date(at).toLocaleDateString(language)}</span>
            </span>
            <Button
              onClick={() => {
                drop(id);
              }}
            >
              {t("memory.forget")}
            </Button>
          </li>
        ))}
      </ul>
      {state !== null && state.memories.length > 1 && (
        <Button
          look="danger"
          onClick={() => {
            setAsking(true);
          }}
        >
          {t("memory.forget_all")}
        </Button>
      )}
      {asking && (
        <ConfirmDialog
          title={t("memory.forget_all")}
          confirm={t("memory.forget_all")}
          onConfirm={() => {
            drop();
          }}
          onClose={() => {
            setAsking(false);
          }}
        >
          <p>{t("memory.title")}</p>
        </ConfirmDialog>
      )}
    </div>
  );
}
