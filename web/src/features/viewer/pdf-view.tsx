import { useCallback, useEffect, useRef, useState, type KeyboardEvent } from "react";
import { fileUrl } from "@/api/material";
import { useI18n } from "@/lib/i18n/i18n";
import { IconButton } from "@/ui/button";
import { Callout } from "@/ui/callout";
import { NextIcon, PreviousIcon, WarningIcon, ZoomInIcon, ZoomOutIcon } from "@/ui/icons";
import { Spinner } from "@/ui/spinner";
import { markText } from "./mark-text";
import { matchPassage } from "./match-passage";
import type { PdfDocument } from "./pdf";
import styles from "./pdf-view.module.css";

const zooms = [0.75, 1, 1.25, 1.5, 2, 3] as const;
const fit = 1; // index of 1 in zooms: as wide as the screen

interface PdfViewProps {
  readonly sourceId: string;
  readonly title: string;
  readonly page: number;
  readonly onPage: (page: number) => void;
  /** The passage to mark, if it stands on this page. */
  readonly passage: string | undefined;
}

type Library = typeof import("./pdf");

/** A PDF, one page at a time: that is all a cheap tablet can hold of a big book. */
export function PdfView({ sourceId, title, page, onPage, passage }: PdfViewProps) {
  const { t } = useI18n();
  const [opened, setOpened] = useState<{ readonly library: Library; readonly document: PdfDocument } | null>(null);
  const [failed, setFailed] = useState(false);
  const [zoom, setZoom] = useState(fit);
  const pages = opened?.document.numPages ?? 0;
  const current = pages > 0 ? Math.min(Math.max(1, page), pages) : page;

  useEffect(() => {
    let gone = false;
    let close: () => void = () => undefined;
    const open = async () => {
      const library = await import("./pdf");
      if (gone) return;
      const task = library.openPdf(fileUrl(sourceId));
      close = task.close;
      const document = await task.document;
      setOpened({ library, document });
    };
    open().catch(() => {
      if (!gone) setFailed(true);
    });
    return () => {
      gone = true;
      close();
    };
  }, [sourceId]);

  const go = useCallback(
    (next: number) => {
      if (next >= 1 && next <= pages) onPage(next);
    },
    [pages, onPage],
  );
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLInputElement) return;
    if (event.key === "PageDown" || event.key === "ArrowRight") go(current + 1);
    else if (event.key === "PageUp" || event.key === "ArrowLeft") go(current - 1);
    else return;
    event.preventDefault();
  };

  if (failed) {
    return (
      <Callout tone="bad" icon={<WarningIcon />} title={t("pdf.failed")}>
        {t("pdf.failed_hint")}
      </Callout>
    );
  }
  if (!opened) return <Spinner label={t("state.loading")} />;
  return (
    // Arrow keys turn pages wherever the focus is within the book.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div className={styles.view} onKeyDown={onKeyDown}>
      <div className={styles.toolbar} role="toolbar" aria-label={t("pdf.toolbar")}>
        <IconButton
          icon={<PreviousIcon />}
          label={t("pdf.previous")}
          disabled={current <= 1}
          onClick={() => {
            go(current - 1);
          }}
        />
        <PageField key={current} page={current} pages={pages} onPage={go} />
        <IconButton
          icon={<NextIcon />}
          label={t("pdf.next")}
          disabled={current >= pages}
          onClick={() => {
            go(current + 1);
          }}
        />
        <span className={styles.gap} />
        <IconButton
          icon={<ZoomOutIcon />}
          label={t("pdf.zoom_out")}
          disabled={zoom === 0}
          onClick={() => {
            setZoom(zoom - 1);
          }}
        />
        <IconButton
          icon={<ZoomInIcon />}
          label={t("pdf.zoom_in")}
          disabled={zoom === zooms.length - 1}
          onClick={() => {
            setZoom(zoom + 1);
          }}
        />
      </div>
      <PdfPageView
        {...opened}
        page={current}
        zoom={zooms[zoom] ?? 1}
        passage={passage}
        label={t("pdf.page_of", { title, page: current, pages })}
      />
    </div>
  );
}

interface PageFieldProps {
  readonly page: number;
  readonly pages: number;
  readonly onPage: (page: number) => void;
}

function PageField({ page, pages, onPage }: PageFieldProps) {
  const { t } = useI18n();
  const [text, setText] = useState(String(page));
  return (
    <form
      className={styles.pages}
      onSubmit={(event) => {
        event.preventDefault();
        onPage(Number(text));
      }}
    >
      <input
        className={styles.number}
        inputMode="numeric"
        aria-label={t("pdf.page")}
        value={text}
        onChange={(event) => {
          setText(event.target.value.replace(/\D/g, ""));
        }}
        onBlur={() => {
          setText(String(page));
        }}
      />
      <span>/ {pages}</span>
    </form>
  );
}

interface PdfPageViewProps {
  readonly library: Library;
  readonly document: PdfDocument;
  readonly page: number;
  readonly zoom: number;
  readonly passage: string | undefined;
  readonly label: string;
}

function PdfPageView({ library, document, page, zoom, passage, label }: PdfPageViewProps) {
  const { t } = useI18n();
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const textLayer = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [broken, setBroken] = useState<number | null>(null);

  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const measure = () => {
      // Less the padding; in steps, so that a scroll bar does not redraw the page.
      setWidth(Math.floor((element.clientWidth - 16) / 8) * 8);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, []);

  useEffect(() => {
    const surface = canvas.current;
    const layer = textLayer.current;
    if (!surface || !layer || width <= 0) return;
    const abort = new AbortController();
    const draw = async () => {
      const proxy = await document.getPage(page);
      if (abort.signal.aborted) return;
      const size = { canvas: surface, textLayer: layer, width: Math.min(width, 900) * zoom };
      const { texts, elements } = await library.drawPage(proxy, size, abort.signal);
      setBroken(null);
      const first = passage === undefined ? null : markText(elements, matchPassage(texts, passage));
      if (first) first.scrollIntoView({ block: "center", inline: "nearest" });
      else if (scroller.current) scroller.current.scrollTop = 0;
    };
    draw().catch((error: unknown) => {
      if (!abort.signal.aborted && !library.isCancelled(error)) setBroken(page);
    });
    return () => {
      abort.abort();
    };
  }, [library, document, page, width, zoom, passage]);

  return (
    // A scrolling region must be reachable by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div ref={scroller} className={styles.scroller} tabIndex={0} role="region" aria-label={label}>
      {broken === page && <Callout tone="bad" title={t("pdf.page_failed")} />}
      <div className={styles.page}>
        <canvas ref={canvas} aria-hidden="true" />
        <div ref={textLayer} className={styles.textLayer} />
      </div>
    </div>
  );
}
