import { useEffect, useMemo, useRef } from "react";
import { problemText } from "@/lib/i18n/problem";
import { useI18n } from "@/lib/i18n/i18n";
import { placeText } from "@/lib/place";
import { Button } from "@/ui/button";
import { Callout } from "@/ui/callout";
import { classes } from "@/ui/classes";
import { WarningIcon } from "@/ui/icons";
import { Spinner } from "@/ui/spinner";
import { piecesOf } from "./reading";
import { useChunks } from "./use-chunks";
import styles from "./reader-view.module.css";

interface ReaderViewProps {
  readonly sourceId: string;
  readonly kind: string | undefined;
  readonly language: string | undefined;
  /** Where to begin; undefined while it is being looked for. */
  readonly around: number | undefined;
  readonly cited: number | undefined;
}

/** The text that the box has read, as a page to read. */
export function ReaderView({ sourceId, kind, language, around, cited }: ReaderViewProps) {
  const { t, language: shown, problems } = useI18n();
  const { items, loading, problem, hasEarlier, hasLater, loadEarlier, loadLater } = useChunks(sourceId, around);
  const pieces = useMemo(() => piecesOf(items, cited), [items, cited]);
  const mark = useRef<HTMLParagraphElement>(null);
  const found = pieces.some((piece) => piece.chunk.id === cited);

  useEffect(() => {
    mark.current?.scrollIntoView({ block: "center" });
  }, [found]);

  if (loading) return <Spinner label={t("state.loading")} />;
  if (problem) {
    const { message, hint } = problemText(shown, problems, problem);
    return (
      <Callout tone="bad" icon={<WarningIcon />} title={message}>
        {hint}
      </Callout>
    );
  }
  return (
    <div className={styles.reader} lang={language}>
      {hasEarlier && <Button onClick={loadEarlier}>{t("reader.earlier")}</Button>}
      {pieces.map(({ chunk, text, heading, newPlace }) => {
        const place = newPlace ? placeText(t, kind, chunk.place) : "";
        const isCited = chunk.id === cited;
        return (
          <section key={chunk.id} className={styles.piece}>
            {place && <p className={styles.place}>{place}</p>}
            {heading && <h2 className={styles.heading}>{heading}</h2>}
            <p ref={isCited ? mark : undefined} className={classes(styles.text, isCited && styles.cited)}>
              {isCited ? <mark>{text}</mark> : text}
            </p>
          </section>
        );
      })}
      {hasLater && <Button onClick={loadLater}>{t("reader.later")}</Button>}
    </div>
  );
}
