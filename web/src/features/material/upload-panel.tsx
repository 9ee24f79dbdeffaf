import { useId, useState, type DragEvent } from "react";
import { sourceLink } from "@/api/links";
import { fileSize } from "@/lib/format";
import { problemText } from "@/lib/i18n/problem";
import { useI18n } from "@/lib/i18n/i18n";
import { useObservable } from "@/lib/observable";
import { Link } from "@/lib/router";
import { Button, buttonClass, IconButton } from "@/ui/button";
import { classes } from "@/ui/classes";
import { CheckIcon, CloseIcon, RetryIcon, UploadIcon, WarningIcon } from "@/ui/icons";
import { announce } from "@/ui/live";
import { Progress } from "@/ui/progress";
import { droppedFiles } from "./dropped-files";
import { isUnderWay, type Upload } from "./upload-queue";
import { uploads } from "./uploads";
import styles from "./upload-panel.module.css";

// What file choosers should offer first. The box decides by content, and takes more.
const accepted =
  ".pdf,.docx,.pptx,.xlsx,.odt,.odp,.ods,.epub,.html,.htm,.md,.txt,.csv,.rtf,.mht,.mhtml,.eml,.srt,.vtt,image/*,audio/*,video/*,.mkv,.avi,.mov";

/** Where files come in, and how each one is doing. */
export function UploadPanel() {
  const { t } = useI18n();
  const inputId = useId();
  const list = useObservable(uploads.uploads);
  const [over, setOver] = useState(false);
  const finished = list.some((upload) => upload.phase === "added" || upload.phase === "existed");

  const add = (files: readonly File[]) => {
    if (files.length === 0) return;
    uploads.add(files);
    announce(t("upload.begun", { count: files.length }));
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const plain = Array.from(event.dataTransfer.files);
    droppedFiles(event.dataTransfer).then(add, () => {
      add(plain);
    });
  };

  return (
    <section className={styles.panel} aria-label={t("upload.title")}>
      {/* Dropping is a shortcut of the mouse; the button inside does the same for everyone. */}
      {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions */}
      <div
        className={classes(styles.drop, over && styles.over)}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={(event) => {
          if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
        }}
        onDrop={onDrop}
      >
        <input
          id={inputId}
          className={classes("visually-hidden", styles.input)}
          type="file"
          multiple
          accept={accepted}
          onChange={(event) => {
            add(Array.from(event.target.files ?? []));
            event.target.value = ""; // the same file may be chosen again
          }}
        />
        <label htmlFor={inputId} className={classes(buttonClass("primary"), styles.choose)}>
          <UploadIcon />
          {t("upload.choose")}
        </label>
        <p className={styles.hint}>
          <span className={styles.dropHint}>{t("upload.drop")} </span>
          {t("upload.kinds")}
        </p>
      </div>
      {list.length > 0 && (
        <>
          <ul className={styles.list}>
            {list.map((upload) => (
              <UploadRow key={upload.id} upload={upload} />
            ))}
          </ul>
          {finished && (
            <Button
              look="quiet"
              onClick={() => {
                uploads.clearFinished();
              }}
            >
              {t("upload.clear")}
            </Button>
          )}
        </>
      )}
    </section>
  );
}

function UploadRow({ upload }: { readonly upload: Upload }) {
  const { t, language, problems } = useI18n();
  const { id, name, phase, progress, source } = upload;
  const problem = upload.problem && problemText(language, problems, upload.problem);
  const percent = Math.floor(progress * 100);
  const asks = phase === "failed" && upload.problem?.reason === "same_name";
  const state = {
    waiting: t("upload.waiting"),
    sending: t("upload.sending", { percent, size: fileSize(language, upload.bytes) }),
    storing: t("upload.storing"),
    added: t("upload.added"),
    existed: t("upload.existed"),
    failed: asks ? t("same.title", { title: name }) : (problem?.message ?? ""),
  }[phase];
  return (
    <li className={styles.row}>
      <span className={classes(styles.icon, phase === "failed" && styles.bad)}>
        {phase === "failed" ? <WarningIcon /> : isUnderWay(upload) ? <UploadIcon /> : <CheckIcon />}
      </span>
      <div className={styles.what}>
        <p className={styles.name}>
          {source && !isUnderWay(upload) ? <Link href={sourceLink(source.id)}>{name}</Link> : name}
        </p>
        <p className={styles.state} role={phase === "failed" ? "alert" : undefined}>
          {state} {asks ? "" : problem?.hint}
        </p>
        {asks && (
          <p className={styles.state}>
            {t("same.text")}{" "}
            <Button
              look="primary"
              onClick={() => {
                uploads.answer(id, "replace");
              }}
            >
              {t("same.replace")}
            </Button>{" "}
            <Button
              onClick={() => {
                uploads.answer(id, "keep");
              }}
            >
              {t("same.keep")}
            </Button>
          </p>
        )}
        {(phase === "sending" || phase === "storing") && (
          <Progress label={t("upload.progress", { name })} value={phase === "storing" ? null : progress} />
        )}
      </div>
      {phase === "failed" && !asks && (
        <IconButton
          icon={<RetryIcon />}
          label={t("upload.retry", { name })}
          onClick={() => {
            uploads.retry(id);
          }}
        />
      )}
      <IconButton
        icon={<CloseIcon />}
        label={isUnderWay(upload) ? t("upload.cancel", { name }) : t("upload.dismiss", { name })}
        onClick={() => {
          uploads.remove(id);
        }}
      />
    </li>
  );
}
