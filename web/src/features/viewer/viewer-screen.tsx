import { useCallback, useState } from "react";
import { isPassageState } from "@/api/links";
import { downloadUrl, fileUrl } from "@/api/material";
import type { Source } from "@/api/types";
import { problemText } from "@/lib/i18n/problem";
import { useI18n } from "@/lib/i18n/i18n";
import { placeText } from "@/lib/place";
import { goBack, navigate, useLocation } from "@/lib/router";
import { Button, buttonClass, IconButton } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { BackIcon, DownloadIcon } from "@/ui/icons";
import { KindIcon } from "@/ui/kind-icon";
import { PageTitle } from "@/ui/page-title";
import { Spinner } from "@/ui/spinner";
import { MediaView } from "./media-view";
import { PassagePanel } from "./passage-panel";
import { PdfView } from "./pdf-view";
import { ReaderView } from "./reader-view";
import { useLocated, useSource } from "./use-source";
import styles from "./viewer-screen.module.css";

const list = "/material";

/** A source, opened where a citation points: its page, its minute, its passage. */
export default function ViewerScreen({ id }: { readonly id: string }) {
  const { t, language, problems } = useI18n();
  const { source, problem } = useSource(id);

  if (problem) {
    const { message, hint } = problemText(language, problems, problem);
    return (
      <EmptyState
        title={message}
        action={
          <Button
            onClick={() => {
              navigate(list);
            }}
          >
            {t("viewer.to_list")}
          </Button>
        }
      >
        {hint}
      </EmptyState>
    );
  }
  if (!source) return <Spinner label={t("state.loading")} />;
  return (
    <div className={styles.screen}>
      <header className={styles.header}>
        <IconButton
          icon={<BackIcon />}
          label={t("viewer.back")}
          onClick={() => {
            goBack(list);
          }}
        />
        <KindIcon kind={source.kind} />
        <PageTitle className={styles.title}>{source.title}</PageTitle>
        <a
          className={buttonClass("quiet", true)}
          href={downloadUrl(id)}
          download
          aria-label={t("viewer.download")}
          title={t("viewer.download")}
        >
          <DownloadIcon />
        </a>
      </header>
      <Content source={source} />
    </div>
  );
}

function numberOf(text: string | null): number | undefined {
  const value = text === null || text === "" ? NaN : Number(text);
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}

function Content({ source }: { readonly source: Source }) {
  const { t } = useI18n();
  const { query, state } = useLocation();
  const { id, kind, title, language } = source;
  const chunk = numberOf(query.get("chunk"));
  const handed = isPassageState(state) ? state.passage : undefined;
  const { passage, seq } = useLocated(id, chunk, handed);
  const [page, setPage] = useState(() => numberOf(query.get("page")));
  const citedPage = passage?.place.page ?? numberOf(query.get("page")) ?? 1;
  const toPage = useCallback((next: number) => {
    setPage(next);
  }, []);

  if (source.status !== "ready") {
    return <EmptyState title={t("viewer.not_ready")}>{t("viewer.not_ready_text")}</EmptyState>;
  }
  if (kind === "pdf") {
    const current = page ?? citedPage;
    return (
      <>
        {passage && (
          <PassagePanel
            passage={passage}
            where={placeText(t, kind, passage.place)}
            onReturn={
              current === citedPage
                ? undefined
                : () => {
                    toPage(citedPage);
                  }
            }
          />
        )}
        <PdfView
          sourceId={id}
          title={title}
          page={current}
          onPage={toPage}
          passage={current === citedPage ? passage?.text : undefined}
        />
      </>
    );
  }
  if (kind === "audio" || kind === "video") {
    const start = passage?.place.start ?? numberOf(query.get("t"));
    return (
      <MediaView
        sourceId={id}
        kind={kind}
        title={title}
        language={language}
        start={start ?? (chunk === undefined ? undefined : 0)}
        around={seq}
        cited={chunk}
      />
    );
  }
  return (
    // A scrolling region must be reachable by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={styles.scroller} tabIndex={0} role="region" aria-label={title}>
      {kind === "image" && <img className={styles.picture} src={fileUrl(id)} alt={title} />}
      <ReaderView sourceId={id} kind={kind} language={language} around={seq} cited={chunk} />
    </div>
  );
}
