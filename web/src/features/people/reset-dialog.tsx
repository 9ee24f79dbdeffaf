import { useState } from "react";
import { problemOf } from "@/api/client";
import { pictureUrl } from "@/api/door";
import { cardsUrl, resetMember } from "@/api/people";
import type { NewSecret, Problem, User } from "@/api/types";
import { useI18n } from "@/lib/i18n/i18n";
import { Button, buttonClass } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Failure } from "@/ui/failure";
import { formStyles as styles } from "@/ui/form";

interface ResetProps {
  readonly user: User;
  readonly classId?: string;
  readonly onClose: () => void;
}

/** The second of two taps: new pictures, PIN or password, shown once. */
export function ResetDialog({ user, classId, onClose }: ResetProps) {
  const { t } = useI18n();
  const [secret, setSecret] = useState<NewSecret | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  return (
    <Dialog
      title={t("people.reset_title", { name: user.name })}
      onClose={onClose}
      actions={
        secret ? (
          <>
            {classId !== undefined && secret.pictures && (
              <a className={buttonClass("plain")} href={cardsUrl(classId, user.id)} target="_blank" rel="noreferrer">
                {t("people.card")}
              </a>
            )}
            <Button look="primary" onClick={onClose}>
              {t("action.close")}
            </Button>
          </>
        ) : (
          <>
            <Button onClick={onClose}>{t("people.cancel")}</Button>
            <Button
              look="primary"
              disabled={busy}
              onClick={() => {
                setBusy(true);
                resetMember(user.id).then(setSecret, (error: unknown) => {
                  setBusy(false);
                  setProblem(problemOf(error));
                });
              }}
            >
              {t("people.reset_now")}
            </Button>
          </>
        )
      }
    >
      <Failure problem={problem} />
      {secret ? (
        <div aria-live="polite">
          <p>{t("people.reset_done", { name: user.name })}</p>
          {secret.pictures && (
            <ol className={styles.shown}>
              {secret.pictures.map((id) => (
                <li key={id}>
                  <img src={pictureUrl(id)} alt={id} />
                </li>
              ))}
            </ol>
          )}
          {(secret.pin ?? secret.password) !== undefined && (
            <p>
              <span className={styles.code}>{secret.pin ?? secret.password}</span>
              <br />
              {t("people.told_once")}
            </p>
          )}
        </div>
      ) : (
        <p>{t("people.reset_text")}</p>
      )}
    </Dialog>
  );
}
