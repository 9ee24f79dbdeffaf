import { useState } from "react";
import { sourceLink, textLink } from "@/api/links";
import type { Source } from "@/api/types";
import { clock, fileSize, timeLeft } from "@/lib/format";
import { noticeText, problemText } from "@/lib/i18n/problem";
import { useI18n } from "@/lib/i18n/i18n";
import { Link } from "@/lib/router";
import { Badge, type Tone } from "@/ui/badge";
import { Button, IconButton } from "@/ui/button";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { CloseIcon, PencilIcon, RetryIcon, TrashIcon } from "@/ui/icons";
import { KindIcon } from "@/ui/kind-icon";
import { Progress } from "@/ui/progress";
import { ArchiveChoice, ArchiveVectors } from "./archive-choice";
import { EditDialog } from "./edit-dialog";
import { Contents } from "./contents";
import { ShareDialog } from "./share-dialog";
import { isBusy } from "./source-list";
import styles from "./source-row.module.css";

const tones: Record<Source["status"], Tone> = {
  queued: "neutral",
  processing: "busy",
  ready: "good",
  failed: "bad",
  cancelled: "neutral",
  choosing: "busy",
};

interface SourceRowProps {
  readonly source: Source;
  readonly onShared: (source: Source) => void;
  readonly onRetry: () => void;
  readonly onCancel: () => void;
  readonly onDelete: () => void;
  readonly choosing: boolean;
  readonly chosen: boolean;
  readonly onChoose: (on: boolean) => void;
}

/** A piece of material: what it is, how it is doing, and what can be done with it. */
export function SourceRow({
  source,
  onShared,
  onRetry,
  onCancel,
  onDelete,
  choosing,
  chosen,
  onChoose,
}: SourceRowProps) {
  const { t } = useI18n();
  const [asking, setAsking] = useState(false);
  const [sharing, setSharing] = useState(false);
  const [editing, setEditing] = useState(false);
  const { title, status, may_change: may } = source;
  const again = status === "failed" || status === "cancelled" || (status === "ready" && source.problem !== undefined);
  return (
    <li className={styles.row}>
      {choosing && may && (
        <input
          type="checkbox"
          className={styles.choose}
          aria-label={t("many.one", { title })}
          checked={chosen}
          onChange={(event) => {
            onChoose(event.target.checked);
          }}
        />
      )}
      <span className={styles.kind}>
        <KindIcon kind={source.kind} size={26} />
      </span>
      <div className={styles.what}>
        <div className={styles.head}>
          <h2 className={styles.title}>
            <Link href={sourceLink(source.id)}>{title}</Link>
          </h2>
          <Badge tone={tones[status]}>{t(`status.${status}`)}</Badge>
        </div>
        <Facts source={source} />
        <Labels source={source} />
        <Contents source={source} />
        {source.near?.map((near) => (
          <p key={near.id} className={styles.facts}>
            <Link href={sourceLink(near.id)}>{t("near.text", { percent: near.percent, title: near.title })}</Link>
          </p>
        ))}
        {may && (
          <p className={styles.buttons}>
            <Button
              look="quiet"
              aria-label={t("material.share", { title })}
              onClick={() => {
                setSharing(true);
              }}
            >
              {`${t("material.for")} ${source.classes?.map(({ name }) => name).join(", ") ?? t("material.whole")}`}
            </Button>
          </p>
        )}
        {may && (source.status === "ready" || source.status === "failed") && (
          <p className={styles.facts}>
            <Link href={textLink(source.id)}>{t("text.open")}</Link>
          </p>
        )}
        {isBusy(source) && <Work source={source} />}
        {source.update && <Renewal source={source} onRetry={onRetry} onCancel={onCancel} />}
        <ArchiveVectors source={source} />
        <Words source={source} />
        {may && status === "choosing" && <ArchiveChoice source={source} onTaken={onShared} />}
        {may && again && (
          <p className={styles.buttons}>
            <Button icon={<RetryIcon size={20} />} onClick={onRetry}>
              {t("material.retry")}
            </Button>
          </p>
        )}
      </div>
      <div className={styles.actions}>
        {may && (
          <IconButton
            icon={<PencilIcon />}
            label={t("edit.open", { title })}
            onClick={() => {
              setEditing(true);
            }}
          />
        )}
        {!may ? null : isBusy(source) ? (
          <IconButton icon={<CloseIcon />} label={t("material.cancel", { title })} onClick={onCancel} />
        ) : (
          <IconButton
            icon={<TrashIcon />}
            label={t("material.delete", { title })}
            onClick={() => {
              setAsking(true);
            }}
          />
        )}
      </div>
      {sharing && (
        <ShareDialog
          source={source}
          onShared={onShared}
          onClose={() => {
            setSharing(false);
          }}
        />
      )}
      {editing && (
        <EditDialog
          source={source}
          onChanged={onShared}
          onClose={() => {
            setEditing(false);
          }}
        />
      )}
      {asking && (
        <ConfirmDialog
          title={t("material.delete_title")}
          confirm={t("action.delete")}
          onClose={() => {
            setAsking(false);
          }}
          onConfirm={() => {
            setAsking(false);
            onDelete();
          }}
        >
          <p>
            <strong>{title}</strong>
          </p>
          <p>{t("material.delete_text")}</p>
        </ConfirmDialog>
      )}
    </li>
  );
}

/** Where a teacher has put it. */
function Labels({ source: { subject = "", grade = "", folder = "" } }: { readonly source: Source }) {
  const where = [subject, grade, folder].filter(Boolean);
  return where.length > 0 && <p className={styles.facts}>{where.join(" · ")}</p>;
}

function Facts({ source }: { readonly source: Source }) {
  const { t, language } = useI18n();
  const { kind, pages, duration, bytes } = source;
  const facts = [
    kind && t(`kind.${kind}`),
    pages &&
      (kind === "slides"
        ? t("facts.slides", { count: pages })
        : kind === "archive"
          ? t("facts.articles", { count: pages })
          : kind === "sheet"
            ? t("facts.sheets", { count: pages })
            : t("facts.pages", { count: pages })),
    duration && clock(duration),
    fileSize(language, bytes),
  ].filter(Boolean);
  return <p className={styles.facts}>{facts.join(" · ")}</p>;
}

/** How far the box has come, and how long it may still take. */
function Work({ source }: { readonly source: Source }) {
  const { t } = useI18n();
  const { status, step, progress, seconds_left: left, title } = source;
  const doing = status === "queued" ? t("step.queued") : step ? t(`step.${step}`) : t("status.processing");
  return (
    <div className={styles.work}>
      <p className={styles.doing}>
        <span>
          {doing}
          {status === "processing" && ` ${String(Math.floor(progress * 100))} %`}
        </span>
        {left !== undefined && <span>{timeLeft(t, left)}</span>}
      </p>
      {status === "processing" && <Progress label={t("material.progress", { title })} value={progress} />}
    </div>
  );
}

/** How far it is being made anew; meanwhile it answers as it was. */
function Renewal({
  source: { update, title, may_change: may },
  onRetry,
  onCancel,
}: Pick<SourceRowProps, "source" | "onRetry" | "onCancel">) {
  const { t, language, problems } = useI18n();
  if (!update) return null;
  const broken = update.problem && problemText(language, problems, update.problem);
  return (
    <div className={styles.work}>
      <p className={broken ? styles.problem : styles.doing}>
        {broken ? (
          <>
            <strong>{broken.message}</strong> {t("update.failed")}
          </>
        ) : (
          t(update.new_file ? "update.file" : "update.mend")
        )}
      </p>
      {update.status === "processing" && <Progress label={t("material.progress", { title })} value={update.progress} />}
      {may && (
        <p className={styles.buttons}>
          {broken && (
            <Button icon={<RetryIcon size={20} />} onClick={onRetry}>
              {t("material.retry")}
            </Button>
          )}
          <Button look="quiet" onClick={onCancel}>
            {t("update.cancel")}
          </Button>
        </p>
      )}
    </div>
  );
}

/** Why it failed, or what was left out. */
function Words({ source }: { readonly source: Source }) {
  const { language, problems } = useI18n();
  if ((source.status === "failed" || source.kind === "archive") && source.problem) {
    const { message, hint } = problemText(language, problems, source.problem);
    return (
      <p className={styles.problem}>
        <strong>{message}</strong> {hint}
      </p>
    );
  }
  return (
    <>
      {source.notices?.map((notice) => (
        <p key={notice.code} className={styles.notice}>
          {noticeText(language, problems, notice)}
        </p>
      ))}
    </>
  );
}
