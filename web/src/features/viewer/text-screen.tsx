import { useState } from "react";
import { problemOf } from "@/api/client";
import { sourceLink } from "@/api/links";
import { downloadUrl, fileUrl } from "@/api/material";
import {
  listText,
  mendText,
  movePage,
  readAgain,
  restoreText,
  turnPage,
  type ReadPage,
  type TextPage,
} from "@/api/text";
import type { Source } from "@/api/types";
import type { Translate } from "@/lib/i18n/translate";
import { problemText } from "@/lib/i18n/problem";
import { useI18n } from "@/lib/i18n/i18n";
import { placeText } from "@/lib/place";
import { goBack, navigate, useLocation } from "@/lib/router";
import { Badge } from "@/ui/badge";
import { Button, buttonClass, IconButton } from "@/ui/button";
import { Callout } from "@/ui/callout";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { EmptyState } from "@/ui/empty-state";
import {
  BackIcon,
  DownIcon,
  DownloadIcon,
  NextIcon,
  PencilIcon,
  PreviousIcon,
  RetryIcon,
  TurnLeftIcon,
  TurnRightIcon,
  UpIcon,
  WarningIcon,
} from "@/ui/icons";
import { announce, toast } from "@/ui/live";
import { PageTitle } from "@/ui/page-title";
import { Spinner } from "@/ui/spinner";
import { MediaView } from "./media-view";
import { PdfView } from "./pdf-view";
import { PageEditor, PageText } from "./text-page";
import { usePassages, WrongPassages } from "./wrong-passages";
import { pagesAtOnce, useLiveSource, usePage, usePages } from "./use-text";
import styles from "./text-screen.module.css";

const list = "/material";

/** The text that was read from a source beside its original, to be compared and mended. */
export default function TextScreen({ id }: { readonly id: string }) {
  const { t, language, problems } = useI18n();
  const { source, problem, setSource, busy } = useLiveSource(id);
  const [asking, setAsking] = useState(false);
  if (problem && !source) {
    const { message, hint } = problemText(language, problems, problem);
    return <EmptyState title={message}>{hint}</EmptyState>;
  }
  if (!source) return <Spinner label={t("state.loading")} />;
  const act = async (action: Promise<Source>, said?: string) => {
    try {
      setSource(await action);
      if (said !== undefined) announce(said);
    } catch (error) {
      const { message, hint } = problemText(language, problems, problemOf(error));
      toast([message, hint].filter(Boolean).join(" "));
    }
  };
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
        <PageTitle className={styles.name}>{source.title}</PageTitle>
        {source.may_change && (
          <IconButton
            icon={<RetryIcon />}
            label={t("text.again")}
            disabled={busy}
            onClick={() => {
              setAsking(true);
            }}
          />
        )}
        <a className={buttonClass("quiet", true)} href={downloadUrl(id)} download aria-label={t("viewer.download")}>
          <DownloadIcon />
        </a>
      </header>
      <Progress source={source} />
      <Pages source={source} busy={busy} act={act} />
      {asking && (
        <ConfirmDialog
          title={t("text.again")}
          confirm={t("text.again")}
          onClose={() => {
            setAsking(false);
          }}
          onConfirm={() => {
            setAsking(false);
            void act(readAgain(id), t("text.reading"));
          }}
        >
          <p>{t("text.again_text")}</p>
        </ConfirmDialog>
      )}
    </div>
  );
}

/** How far it is being made anew. */
function Progress({ source: { status, update, problem } }: { readonly source: Source }) {
  const { t, language, problems } = useI18n();
  const broken = update?.problem ?? (status === "failed" ? problem : undefined);
  if (broken) {
    const { message, hint } = problemText(language, problems, broken);
    return (
      <Callout tone="bad" icon={<WarningIcon />} title={message}>
        {hint} {update && t("update.failed")}
      </Callout>
    );
  }
  if (update) {
    const percent = ` ${String(Math.floor(update.progress * 100))} %`;
    return (
      <p className={styles.bar} role="status">
        <Badge tone="busy">{t(update.new_file ? "update.file" : "update.mend") + percent}</Badge>
      </p>
    );
  }
  if (status === "queued" || status === "processing") {
    return (
      <p className={styles.bar} role="status">
        <Badge tone="busy">{t("text.reading")}</Badge>
      </p>
    );
  }
  return null;
}

interface PagesProps {
  readonly source: Source;
  readonly busy: boolean;
  readonly act: (action: Promise<Source>, said?: string) => Promise<void>;
}

function nameOf(t: Translate, kind: string | undefined, page: TextPage): string {
  return placeText(t, kind, page.place) || t("text.piece", { number: page.number });
}

function Pages({ source, busy, act }: PagesProps) {
  const { t, language, problems } = useI18n();
  const { query } = useLocation();
  const { id, kind } = source;
  const wanted = Math.max(1, Number(query.get("page")) || 1); // position, from 1
  const from = Math.floor((wanted - 1) / pagesAtOnce) * pagesAtOnce;
  const [changes, setChanges] = useState(0);
  const version = `${source.ready_at ?? ""} ${source.status} ${String(busy)} ${String(changes)}`;
  const { pages, problem } = usePages(id, from, version);
  const shown = pages?.from === from ? pages.items[wanted - 1 - from] : undefined;
  const page = usePage(id, shown?.number, version);

  if (problem) return <EmptyState title={problemText(language, problems, problem).message} />;
  if (!pages) return <Spinner label={t("state.loading")} />;
  if (pages.total === 0) {
    if (busy) return <Spinner label={t("text.reading")} />;
    return <EmptyState title={t("text.none")}>{t("text.none_text")}</EmptyState>;
  }
  const go = (position: number) => {
    navigate(`${sourceLink(id)}/text?page=${String(position)}`, { replace: true });
  };
  const change = async (action: Promise<Source>, said?: string) => {
    await act(action, said);
    setChanges((now) => now + 1);
  };
  const nextDoubt = async () => {
    const { items } = await listText(id, { from: 0, limit: 100, doubtful: true });
    const next = items.find(({ position = 0 }) => position > wanted) ?? items[0];
    if (next?.position !== undefined) go(next.position);
    else announce(t("text.no_doubt"));
  };
  return (
    <>
      <nav className={styles.bar} aria-label={t("text.pages")}>
        <IconButton
          icon={<PreviousIcon />}
          label={t("text.previous")}
          disabled={wanted <= 1}
          onClick={() => {
            go(wanted - 1);
          }}
        />
        <span>{t("text.position", { number: wanted, total: pages.total })}</span>
        <IconButton
          icon={<NextIcon />}
          label={t("text.next")}
          disabled={wanted >= pages.total}
          onClick={() => {
            go(wanted + 1);
          }}
        />
        <Button icon={<WarningIcon size={20} />} onClick={() => void nextDoubt()}>
          {t("text.next_doubt")}
        </Button>
      </nav>
      <div className={styles.sides}>
        {page && (
          <Original key={`${String(page.number)} ${String(page.turn)}`} source={source} page={page} change={change} />
        )}
        <section className={styles.read} aria-label={t("text.title")}>
          {page ? (
            <Read
              key={page.number}
              version={version}
              source={source}
              page={page}
              change={change}
              last={wanted >= pages.total}
              first={wanted <= 1}
              go={go}
              at={wanted}
            />
          ) : (
            <Spinner label={t("state.loading")} />
          )}
          <details>
            <summary>{t("text.pages")}</summary>
            <ol className={styles.list} start={from + 1}>
              {pages.items.map((one, i) => (
                <li key={one.number}>
                  <Button
                    look="quiet"
                    aria-current={from + i + 1 === wanted ? "page" : undefined}
                    onClick={() => {
                      go(from + i + 1);
                    }}
                  >
                    {nameOf(t, kind, one)} <Marks page={one} />
                  </Button>
                </li>
              ))}
            </ol>
          </details>
        </section>
      </div>
    </>
  );
}

function Marks({ page }: { readonly page: TextPage }) {
  const { t } = useI18n();
  return (
    <span className={styles.marks}>
      {page.doubts !== undefined && page.doubts > 0 && (
        <Badge tone="busy">{t("contents.doubts", { count: page.doubts })}</Badge>
      )}
      {page.mended === true && <Badge tone="good">{t("text.mended")}</Badge>}
      {page.moved === true && <Badge>{t("text.moved")}</Badge>}
      {page.turn !== undefined && <Badge>{t("text.turned", { degrees: page.turn })}</Badge>}
    </span>
  );
}

interface PageProps {
  readonly source: Source;
  readonly page: ReadPage;
  readonly change: (action: Promise<Source>, said?: string) => Promise<void>;
}

interface ReadProps extends PageProps {
  readonly version: string;
  readonly first: boolean;
  readonly last: boolean;
  readonly at: number;
  readonly go: (position: number) => void;
}

function Read({ source, page, version, change, first, last, at, go }: ReadProps) {
  const { t } = useI18n();
  const [editing, setEditing] = useState(false);
  const { id, kind } = source;
  const { number, sections = [] } = page;
  const { passages, reload } = usePassages(id, number, version);
  return (
    <>
      <div className={styles.marks}>
        <h2>{nameOf(t, kind, page)}</h2>
        <Marks page={page} />
      </div>
      {editing ? (
        <PageEditor
          sections={sections}
          onCancel={() => {
            setEditing(false);
          }}
          onSave={async (mended) => {
            await change(mendText(id, number, mended), t("text.saved"));
            setEditing(false);
          }}
        />
      ) : (
        <>
          <PageText
            sections={sections}
            language={source.language}
            wrong={passages.flatMap(({ wrong, text }) => (wrong ? [text] : []))}
          />
          <WrongPassages source={id} passages={passages} mayChange={source.may_change} onChange={reload} />
          {source.may_change && (
            <p className={styles.buttons}>
              <Button
                icon={<PencilIcon size={20} />}
                onClick={() => {
                  setEditing(true);
                }}
              >
                {t("text.edit")}
              </Button>
              {(page.mended === true || page.turn !== undefined) && (
                <Button
                  icon={<RetryIcon size={20} />}
                  onClick={() => void change(restoreText(id, number), t("text.restored"))}
                >
                  {t("text.restore")}
                </Button>
              )}
              <IconButton
                icon={<UpIcon />}
                label={t("text.up")}
                disabled={first}
                onClick={() => {
                  void change(movePage(id, number, -1)).then(() => {
                    go(at - 1);
                  });
                }}
              />
              <IconButton
                icon={<DownIcon />}
                label={t("text.down")}
                disabled={last}
                onClick={() => {
                  void change(movePage(id, number, 1)).then(() => {
                    go(at + 1);
                  });
                }}
              />
            </p>
          )}
        </>
      )}
    </>
  );
}

/** The page as it stands in the file, at the same place. */
function Original({ source, page, change }: PageProps) {
  const { t } = useI18n();
  const { id, kind, title, language } = source;
  const { place, number } = page;
  const [shownPage, setShownPage] = useState(place.page ?? 1);
  const now = page.turn ?? 0;
  const [turn, setTurn] = useState(now);
  const picture = kind === "pdf" || kind === "image";
  const by = (degrees: number) => {
    setTurn((turn + degrees + 360) % 360);
  };
  return (
    <section className={styles.original} aria-label={t("text.original")}>
      {picture && source.may_change && (
        <div className={styles.bar}>
          <IconButton
            icon={<TurnLeftIcon />}
            label={t("text.left")}
            onClick={() => {
              by(-90);
            }}
          />
          <IconButton
            icon={<TurnRightIcon />}
            label={t("text.right")}
            onClick={() => {
              by(90);
            }}
          />
          {turn !== now && (
            <Button look="primary" onClick={() => void change(turnPage(id, number, turn), t("text.turning"))}>
              {t("text.apply_turn")}
            </Button>
          )}
        </div>
      )}
      {kind === "pdf" ? (
        <div className={styles.pictureBox} style={{ transform: `rotate(${String(turn)}deg)` }}>
          <PdfView sourceId={id} title={title} page={shownPage} onPage={setShownPage} passage={undefined} />
        </div>
      ) : kind === "image" ? (
        <div className={styles.pictureBox}>
          <img
            className={styles.picture}
            src={fileUrl(id)}
            alt={title}
            style={{ transform: `rotate(${String(turn)}deg)` }}
          />
        </div>
      ) : kind === "audio" || kind === "video" ? (
        <MediaView
          sourceId={id}
          kind={kind}
          title={title}
          language={language}
          start={place.start ?? 0}
          around={undefined}
          cited={undefined}
        />
      ) : (
        <div className={styles.pictureBox}>
          <p>{t("text.no_view")}</p>
        </div>
      )}
    </section>
  );
}
