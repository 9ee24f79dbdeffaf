import { atLeast, session } from "@/api/session";
import { useEffect, useState } from "react";
import { isAbort, problemOf } from "@/api/client";
import { connection } from "@/api/connection";
import { sourceLink } from "@/api/links";
import { listSources } from "@/api/material";
import type { Page, Persona, Problem, Source } from "@/api/types";
import { useI18n } from "@/lib/i18n/i18n";
import { useObservable } from "@/lib/observable";
import { Link } from "@/lib/router";
import { Button, buttonClass } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { Failure } from "@/ui/failure";
import { UploadIcon } from "@/ui/icons";
import { KindIcon } from "@/ui/kind-icon";
import styles from "./welcome.module.css";

const shown = 6;

interface WelcomeProps {
  readonly persona?: Persona | undefined;
  readonly onAsk: (question: string) => void;
}

/** The start of a conversation: what one can ask about. */
export function Welcome({ persona, onAsk }: WelcomeProps) {
  const { t } = useI18n();
  const { returns } = useObservable(connection);
  const [page, setPage] = useState<Page<Source> | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);

  useEffect(() => {
    const abort = new AbortController();
    listSources({ status: "ready", limit: shown }, abort.signal).then(
      (found) => {
        setPage(found);
        setProblem(null);
      },
      (error: unknown) => {
        if (!isAbort(error)) setProblem(problemOf(error));
      },
    );
    return () => {
      abort.abort();
    };
  }, [returns]);

  const state = useObservable(session);
  const teaches = state.is === "in" && atLeast(state.me, "teacher");

  if (page?.total === 0) {
    return (
      <EmptyState
        title={t("welcome.empty_title")}
        action={
          teaches && (
            <Link href="/material" className={buttonClass("primary")}>
              <UploadIcon />
              {t("welcome.add")}
            </Link>
          )
        }
      >
        {t("welcome.empty_text")}
      </EmptyState>
    );
  }
  return (
    <EmptyState title={persona?.greeting ?? t("welcome.title")}>
      <p>{t("welcome.text")}</p>
      {persona?.sample_prompts?.map((question) => (
        <Button
          key={question}
          onClick={() => {
            onAsk(question);
          }}
        >
          {question}
        </Button>
      ))}
      <Failure problem={problem} />
      {page && (
        <div className={styles.shelf}>
          <h3 className={styles.heading}>{t("welcome.material", { count: page.total })}</h3>
          <ul className={styles.books}>
            {page.items.map((source) => (
              <li key={source.id}>
                <Link href={sourceLink(source.id)} className={styles.book}>
                  <KindIcon kind={source.kind} size={20} />
                  <span>{source.title}</span>
                </Link>
              </li>
            ))}
          </ul>
          {page.total > page.items.length && <Link href="/material">{t("welcome.all")}</Link>}
        </div>
      )}
    </EmptyState>
  );
}
