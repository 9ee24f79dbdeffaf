import type { ReactNode } from "react";
import { problemText } from "@/lib/i18n/problem";
import { useI18n } from "@/lib/i18n/i18n";
import { queueTime } from "@/lib/format";
import { useObservable } from "@/lib/observable";
import { Button, IconButton } from "@/ui/button";
import { Callout } from "@/ui/callout";
import { RetryIcon, SchoolIcon, SpeakerIcon, StopIcon, WarningIcon } from "@/ui/icons";
import { Emblem } from "@/ui/imigongo";
import { toast } from "@/ui/live";
import { Actions } from "./actions";
import { AnswerText } from "./answer-text";
import { hush, Reading, speaking } from "./speaker";
import { SourceCards } from "./source-cards";
import { Thumbs } from "./thumbs";
import { TryIt } from "./try-it";
import { isLive, type Turn } from "./turn";
import styles from "./turn-view.module.css";

interface TurnViewProps {
  readonly turn: Turn;
  /** Absent while another question is on its way. */
  readonly onAgain?: (() => void) | undefined;
  readonly onAsk?: ((question: string) => void) | undefined;
  /** Absent where the conversation has gone on. */
  readonly onTry?: ((attempt: string) => void) | undefined;
  /** In whose voice an answer is read. */
  readonly persona: string;
}

/** A question, what was found for it, and its answer. */
export function TurnView({ turn, onAgain, onAsk, onTry, persona }: TurnViewProps) {
  const { t } = useI18n();
  const live = isLive(turn);
  const notFound = turn.answer?.mode === "not_found";
  return (
    <article className={styles.turn} aria-busy={live}>
      <p className={styles.question}>
        <span className="visually-hidden">{t("ask.you_asked")} </span>
        {turn.question}
      </p>
      <div className={styles.reply}>
        <div className={styles.mark}>
          <Emblem size={30} />
        </div>
        <div className={styles.body}>
          {turn.text === "" && <SourceCards turn={turn} />}
          {turn.answer?.mode === "teacher" && (
            <Callout tone="sun" icon={<SchoolIcon />} title={t("answer.teacher_title")}>
              {turn.answer.teacher !== undefined && t("answer.teacher_by", { name: turn.answer.teacher })}
            </Callout>
          )}
          {turn.answer?.mode === "general" && <Callout tone="sun" title={t("answer.general_title")} />}
          {turn.text !== "" && (
            <div className={notFound ? styles.notFound : undefined}>
              {notFound && <p className={styles.label}>{t("answer.not_found_title")}</p>}
              <AnswerText
                text={turn.text}
                citations={turn.answer?.citations ?? []}
                quoted={turn.answer?.mode === "passages"}
              />
            </div>
          )}
          {turn.answer?.mode === "guide" && onTry && <TryIt onTry={onTry} />}
          {turn.answer?.mode === "passages" && (
            <Callout tone="sun" title={t("answer.passages_title")}>
              {t("answer.passages_text")}
            </Callout>
          )}
          {turn.text !== "" && <SourceCards turn={turn} />}
          {turn.answer && (
            <div className={styles.after}>
              <Aloud turn={turn} persona={persona} />
              {turn.answer.mode !== "safety" && turn.answer.message_id !== "" && (
                <Thumbs key={turn.answer.message_id} message={turn.answer.message_id} stored={turn.thumb} />
              )}
            </div>
          )}
          {turn.answer && <Actions answer={turn.answer} conversation={turn.conversation} onAsk={onAsk} />}
          <Status turn={turn} />
          <Trouble turn={turn} onAgain={onAgain} />
        </div>
      </div>
    </article>
  );
}

/** Reads the answer aloud, or stops. */
function Aloud({ turn, persona }: { readonly turn: Turn; readonly persona: string }) {
  const { t, language } = useI18n();
  const mine = useObservable(speaking) === turn.request;
  return (
    <IconButton
      icon={mine ? <StopIcon /> : <SpeakerIcon />}
      label={t(mine ? "ask.read_stop" : "ask.read_aloud")}
      onClick={() => {
        if (mine) hush();
        else {
          const silent = () => {
            toast(t("ask.no_voice"));
          };
          new Reading(turn.request, persona, silent).feed(turn.text, turn.answer?.language ?? language, true);
        }
      }}
    />
  );
}

/** What the pupil is waiting for. */
function Status({ turn }: { readonly turn: Turn }) {
  const { t } = useI18n();
  if (!isLive(turn)) return null;
  if (turn.queue) {
    const { ahead, secondsLeft } = turn.queue;
    return (
      <Waiting>
        {t("ask.queue", { count: ahead })}
        {secondsLeft > 0 && ` ${queueTime(t, secondsLeft)}`}
      </Waiting>
    );
  }
  if (turn.phase === "sending") return <Waiting>{t("ask.sending")}</Waiting>;
  if (turn.phase === "searching") return <Waiting>{t("ask.searching")}</Waiting>;
  if (turn.phase === "reading") return <Waiting>{t("ask.reading")}</Waiting>;
  return <span className={styles.cursor} aria-hidden="true" />;
}

function Waiting({ children }: { readonly children: ReactNode }) {
  return (
    <p className={styles.waiting}>
      <span className={styles.steps} aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      <span>{children}</span>
    </p>
  );
}

/** An answer that did not come to its end, and the way on. */
function Trouble({ turn, onAgain }: Pick<TurnViewProps, "turn" | "onAgain">) {
  const { t, language, problems } = useI18n();
  const again = onAgain && (
    <Button icon={<RetryIcon />} onClick={onAgain}>
      {t("ask.again")}
    </Button>
  );
  if (turn.phase === "failed" && turn.problem) {
    const { message, hint } = problemText(language, problems, turn.problem);
    return (
      <div role="alert">
        <Callout tone="bad" icon={<WarningIcon />} title={message} action={again}>
          {hint}
        </Callout>
      </div>
    );
  }
  if (turn.phase === "stopped") return <Callout action={again}>{t("ask.stopped")}</Callout>;
  if (turn.phase === "unanswered") return <Callout action={again}>{t("ask.unanswered")}</Callout>;
  return null;
}
