import { useRef, useState } from "react";
import { problemOf } from "@/api/client";
import { rate, unrate } from "@/api/feedback";
import type { Thumb, ThumbReason } from "@/api/types";
import { problemText } from "@/lib/i18n/problem";
import { useI18n } from "@/lib/i18n/i18n";
import { Button, IconButton } from "@/ui/button";
import { TextArea } from "@/ui/form";
import { ThumbDownIcon, ThumbUpIcon } from "@/ui/icons";
import { toast } from "@/ui/live";
import styles from "./thumbs.module.css";

const reasons: readonly ThumbReason[] = ["wrong", "off_topic", "too_hard", "too_long", "other"];
const longest = 300;

interface ThumbsProps {
  readonly message: string;
  /** What the box knows of; what is given here counts more. */
  readonly stored: Thumb | undefined;
}

/** Says whether an answer was good, and why not. Pressing once more takes it back. */
export function Thumbs({ message, stored }: ThumbsProps) {
  const { t, language, problems } = useI18n();
  const [given, setGiven] = useState<Thumb | null | undefined>(undefined);
  const [asking, setAsking] = useState(false);
  const [note, setNote] = useState<string | null>(null);
  const sending = useRef<Promise<unknown>>(Promise.resolve());
  const thumb = given === undefined ? (stored ?? null) : given;

  const give = (next: Thumb | null, said: string) => {
    setGiven(next);
    // In the order in which they were pressed.
    sending.current = sending.current
      .then(() => (next ? rate(message, next) : unrate(message)))
      .then(
        () => {
          toast(said);
        },
        (error: unknown) => {
          setGiven(thumb);
          toast(problemText(language, problems, problemOf(error)).message);
        },
      );
  };
  const press = (up: boolean) => {
    if (thumb?.up === up) {
      setAsking(false);
      give(null, t("thumb.back"));
      return;
    }
    setAsking(!up);
    setNote(null);
    give({ up }, t(up ? "thumb.thanks" : "thumb.sent"));
  };
  const choose = (reason: ThumbReason) => {
    setNote(reason === "other" ? (thumb?.note ?? "") : null);
    give({ up: false, reason }, t("thumb.sent"));
  };
  return (
    <div className={styles.thumbs} role="group" aria-label={t("thumb.label")}>
      <div className={styles.row}>
        <IconButton
          icon={<ThumbUpIcon />}
          label={t("thumb.up")}
          aria-pressed={thumb?.up === true}
          className={styles.thumb}
          onClick={() => {
            press(true);
          }}
        />
        <IconButton
          icon={<ThumbDownIcon />}
          label={t("thumb.down")}
          aria-pressed={thumb?.up === false}
          className={styles.thumb}
          onClick={() => {
            press(false);
          }}
        />
        {thumb?.up === false && !asking && (
          <Button
            look="quiet"
            aria-expanded={false}
            onClick={() => {
              setAsking(true);
            }}
          >
            {t(thumb.reason ? `thumb.${thumb.reason}` : "thumb.why")}
          </Button>
        )}
      </div>
      {thumb?.up === false && asking && (
        <fieldset className={styles.reasons}>
          <legend>{t("thumb.why")}</legend>
          {reasons.map((reason) => (
            <label key={reason} className={styles.reason}>
              <input
                type="radio"
                name={`why-${message}`}
                checked={thumb.reason === reason}
                onChange={() => {
                  choose(reason);
                }}
              />
              <span>{t(`thumb.${reason}`)}</span>
            </label>
          ))}
          {note !== null && (
            <>
              <TextArea label={t("thumb.note")} value={note} rows={2} maxLength={longest} onChange={setNote} />
              <Button
                disabled={note.trim() === ""}
                onClick={() => {
                  setAsking(false);
                  give({ up: false, reason: "other", note: note.trim() }, t("thumb.sent"));
                }}
              >
                {t("thumb.send")}
              </Button>
            </>
          )}
        </fieldset>
      )}
    </div>
  );
}
