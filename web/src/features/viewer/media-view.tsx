import { useEffect, useMemo, useRef, useState, type RefObject } from "react";
import { fileUrl } from "@/api/material";
import { clock } from "@/lib/format";
import { useI18n } from "@/lib/i18n/i18n";
import { Button } from "@/ui/button";
import { Callout } from "@/ui/callout";
import { classes } from "@/ui/classes";
import { PlayIcon, WarningIcon } from "@/ui/icons";
import { Spinner } from "@/ui/spinner";
import { pieceAt, piecesOf } from "./reading";
import { useChunks } from "./use-chunks";
import styles from "./media-view.module.css";

interface MediaViewProps {
  readonly sourceId: string;
  readonly kind: "audio" | "video";
  readonly title: string;
  readonly language: string | undefined;
  /** Seconds to start at; undefined to wait at the beginning. */
  readonly start: number | undefined;
  readonly around: number | undefined;
  readonly cited: number | undefined;
}

/** A recording from its minute, with what is said beside it. */
export function MediaView({ sourceId, kind, title, language, start, around, cited }: MediaViewProps) {
  const { t } = useI18n();
  const player = useRef<HTMLMediaElement>(null);
  const [blocked, setBlocked] = useState(false); // the browser wants a tap first
  const [failed, setFailed] = useState(false);
  const [now, setNow] = useState(start ?? 0);

  const playFrom = (seconds: number) => {
    const media = player.current;
    if (!media) return;
    media.currentTime = seconds;
    setNow(seconds);
    media.play().then(
      () => {
        setBlocked(false);
      },
      () => {
        setBlocked(true);
      },
    );
  };

  const media = {
    className: classes(styles.media, kind === "audio" && styles.audio),
    src: fileUrl(sourceId),
    controls: true,
    preload: "metadata",
    "aria-label": title,
    onLoadedMetadata: () => {
      if (start !== undefined) playFrom(start);
    },
    onPlay: () => {
      setBlocked(false);
    },
    onTimeUpdate: () => {
      setNow(player.current?.currentTime ?? 0);
    },
    onError: () => {
      setFailed(true);
    },
  };
  // The words are beside the player; a caption track of the box's would repeat them.
  /* eslint-disable jsx-a11y/media-has-caption */
  return (
    <div className={styles.view}>
      <div className={styles.stage}>
        {kind === "video" ? (
          <video ref={player as RefObject<HTMLVideoElement | null>} playsInline {...media} />
        ) : (
          <audio ref={player} {...media} />
        )}
        {blocked && !failed && (
          <Button
            look="primary"
            icon={<PlayIcon />}
            onClick={() => {
              playFrom(start ?? 0);
            }}
          >
            {t("media.play_from", { time: clock(start ?? 0) })}
          </Button>
        )}
        {failed && (
          <Callout tone="bad" icon={<WarningIcon />} title={t("media.failed")}>
            {t("media.failed_hint")}
          </Callout>
        )}
      </div>
      <Transcript sourceId={sourceId} language={language} around={around} cited={cited} now={now} onSeek={playFrom} />
    </div>
  );
  /* eslint-enable jsx-a11y/media-has-caption */
}

interface TranscriptProps {
  readonly sourceId: string;
  readonly language: string | undefined;
  readonly around: number | undefined;
  readonly cited: number | undefined;
  readonly now: number;
  readonly onSeek: (seconds: number) => void;
}

function Transcript({ sourceId, language, around, cited, now, onSeek }: TranscriptProps) {
  const { t } = useI18n();
  const { items, loading, hasEarlier, hasLater, loadEarlier, loadLater } = useChunks(sourceId, around);
  const pieces = useMemo(() => piecesOf(items, cited), [items, cited]);
  const list = useRef<HTMLOListElement>(null);
  const current = pieceAt(pieces, now);

  // Keeps what is heard in view within the list, without moving the page.
  useEffect(() => {
    const box = list.current;
    const item = box?.children[current];
    if (!box || !(item instanceof HTMLElement)) return;
    const [top, bottom] = [item.offsetTop - box.offsetTop, item.offsetTop - box.offsetTop + item.offsetHeight];
    if (top < box.scrollTop || bottom > box.scrollTop + box.clientHeight) box.scrollTop = top - 16;
  }, [current]);

  if (loading) return <Spinner label={t("state.loading")} />;
  if (pieces.length === 0) return null; // nobody speaks
  return (
    <section className={styles.transcript} aria-label={t("media.transcript")}>
      <h2 className={styles.heading}>{t("media.transcript")}</h2>
      {hasEarlier && <Button onClick={loadEarlier}>{t("reader.earlier")}</Button>}
      <ol ref={list} className={styles.pieces}>
        {pieces.map(({ chunk, text }, i) => (
          <li key={chunk.id}>
            <button
              type="button"
              className={classes(styles.piece, i === current && styles.current)}
              aria-current={i === current ? "true" : undefined}
              onClick={() => {
                onSeek(chunk.place.start ?? 0);
              }}
            >
              <span className={styles.time}>
                <span className="visually-hidden">{t("media.play")} </span>
                {clock(chunk.place.start ?? 0)}
              </span>
              <span lang={chunk.language ?? language}>{chunk.id === cited ? <mark>{text}</mark> : text}</span>
            </button>
          </li>
        ))}
      </ol>
      {hasLater && <Button onClick={loadLater}>{t("reader.later")}</Button>}
    </section>
  );
}
