import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { useI18n } from "@/lib/i18n/i18n";
import { IconButton } from "@/ui/button";
import { SendIcon, StopIcon } from "@/ui/icons";
import { announce } from "@/ui/live";
import { loadDraft, saveDraft } from "./draft";
import { Microphone } from "./microphone";
import styles from "./composer.module.css";

const longestQuestion = 2000; // characters, as the tutor takes them

interface ComposerProps {
  readonly conversation: string | undefined;
  readonly onAsk: (question: string) => void;
  /** Present while an answer is on its way. */
  readonly onStop?: (() => void) | undefined;
}

/** Where a question is written. What is not asked yet is kept on the tablet. */
export function Composer({ conversation, onAsk, onStop }: ComposerProps) {
  const { t } = useI18n();
  const [owner, setOwner] = useState(conversation);
  const [text, setText] = useState(() => loadDraft(conversation));
  if (owner !== conversation) {
    setOwner(conversation);
    setText(loadDraft(conversation));
  }
  const [heard, setHeard] = useState(false);
  const input = useRef<HTMLTextAreaElement>(null);
  const question = text.trim();

  useEffect(() => {
    const area = input.current;
    if (!area) return;
    // The field grows with its text, up to the height that its style allows.
    area.style.height = "auto";
    area.style.height = `${String(area.scrollHeight + 2)}px`;
  }, [text]);

  const change = (next: string) => {
    setText(next);
    saveDraft(conversation, next);
  };
  const submit = () => {
    if (question === "" || onStop) return;
    change("");
    setHeard(false);
    onAsk(question);
  };
  // What was heard may be wrong: it is shown first, to be mended and sent.
  const hear = (words: string) => {
    const typed = input.current?.value.trim() ?? "";
    change([typed, words.trim()].filter(Boolean).join(" ").slice(0, longestQuestion));
    setHeard(true);
    announce(t("ask.heard"));
    input.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // A keyboard that composes (for accents) uses Enter for itself.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    submit();
  };

  return (
    <form
      className={styles.composer}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div className={styles.field}>
        <label className="visually-hidden" htmlFor="question">
          {t("ask.label")}
        </label>
        <textarea
          id="question"
          ref={input}
          className={styles.input}
          rows={1}
          value={text}
          maxLength={longestQuestion}
          placeholder={t("ask.placeholder")}
          enterKeyHint="send"
          onChange={(event) => {
            change(event.target.value);
          }}
          onKeyDown={onKeyDown}
        />
        {onStop ? (
          <IconButton
            look="danger"
            className={styles.send}
            icon={<StopIcon />}
            label={t("ask.stop")}
            onClick={onStop}
          />
        ) : question === "" ? (
          <Microphone className={styles.send} onHeard={hear} />
        ) : (
          <IconButton look="primary" type="submit" className={styles.send} icon={<SendIcon />} label={t("ask.send")} />
        )}
      </div>
      <p className={styles.note}>{t(heard ? "ask.heard" : "ask.note")}</p>
    </form>
  );
}
