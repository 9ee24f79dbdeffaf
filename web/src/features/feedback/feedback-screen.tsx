import { useCallback, useState } from "react";
import { problemOf } from "@/api/client";
import {
  countFeedback,
  feedbackCount,
  finishFeedback,
  listFeedback,
  markWrong,
  reopenFeedback,
  unmarkWrong,
} from "@/api/feedback";
import { passageLink } from "@/api/links";
import { atLeast } from "@/api/session";
import type { Citation, Feedback, Me, Problem } from "@/api/types";
import { usePaged } from "@/api/use-paged";
import { useI18n } from "@/lib/i18n/i18n";
import { useObservable } from "@/lib/observable";
import { placeText } from "@/lib/place";
import { Link } from "@/lib/router";
import { Badge } from "@/ui/badge";
import { Button, buttonClass } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { Failure } from "@/ui/failure";
import { SearchField, SelectField } from "@/ui/field";
import { Check, formStyles } from "@/ui/form";
import { announce, toast } from "@/ui/live";
import { PageTitle } from "@/ui/page-title";
import { Spinner } from "@/ui/spinner";
import styles from "./feedback.module.css";
import { PinDialog } from "./pin-dialog";

/** What pupils think of answers, and what a teacher can make of it. */
export default function FeedbackScreen({ me }: { readonly me: Me }) {
  const { t } = useI18n();
  const [which, setWhich] = useState<"down" | "up">("down");
  const [all, setAll] = useState(false);
  const [search, setSearch] = useState("");
  const [done, setDone] = useState<Readonly<Record<string, boolean>>>({});
  const [pinning, setPinning] = useState<Feedback | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const up = which === "up";
  const load = useCallback(
    (cursor: string) => listFeedback({ up, open: !up && !all, search, cursor }),
    [up, all, search],
  );
  const { items, more, problem: failed } = usePaged(load);
  const counts = useObservable(feedbackCount);
  // What is done stays where it is, with the way back, until the list is asked for anew.
  const finish = (id: string, now: boolean) => {
    (now ? finishFeedback(id) : reopenFeedback(id)).then(
      () => {
        setDone((known) => ({ ...known, [id]: now }));
        setProblem(null);
        if (now) announce(t("feedback.is_done"));
        void countFeedback();
      },
      (error: unknown) => {
        setProblem(problemOf(error));
      },
    );
  };
  return (
    <div className={formStyles.page}>
      <PageTitle>{t("feedback.title")}</PageTitle>
      <p>{t("feedback.text")}</p>
      <div className={formStyles.row}>
        <SelectField
          label={t("feedback.title")}
          value={which}
          options={[
            { value: "down", label: t("feedback.down") },
            { value: "up", label: t("feedback.up") },
          ]}
          onChange={setWhich}
        />
        {counts && (
          <span className={formStyles.soft}>{t("feedback.counts", { down: counts.down, up: counts.up })}</span>
        )}
        <Link href="/pins" className={buttonClass("plain")}>
          {t("pins.title")}
        </Link>
      </div>
      <SearchField label={t("feedback.search")} value={search} onChange={setSearch} />
      {!up && <Check label={t("feedback.all")} checked={all} onChange={setAll} />}
      <Failure problem={problem ?? failed} />
      {items === null && !failed && <Spinner label={t("state.loading")} />}
      {items?.length === 0 && <EmptyState title={t(search.trim() === "" ? "feedback.none" : "feedback.none_found")} />}
      <ul className={styles.cards}>
        {items?.map((one) => (
          <li key={one.id}>
            <Card
              feedback={one}
              done={done[one.id] ?? one.done_at !== undefined}
              onFinish={(now) => {
                finish(one.id, now);
              }}
              onPin={() => {
                setPinning(one);
              }}
            />
          </li>
        ))}
      </ul>
      {more && <Button onClick={more}>{t("action.more")}</Button>}
      {pinning && (
        <PinDialog
          me={me}
          draft={{
            question: pinning.question,
            text: "",
            citations: pinning.answer.citations,
            personaId: "",
            classes: atLeast(me, "admin") ? [] : pinning.classes.map(({ id }) => id),
          }}
          onSaved={() => {
            finish(pinning.id, true);
          }}
          onClose={() => {
            setPinning(null);
          }}
        />
      )}
    </div>
  );
}

interface CardProps {
  readonly feedback: Feedback;
  readonly done: boolean;
  readonly onFinish: (done: boolean) => void;
  readonly onPin: () => void;
}

function Card({ feedback, done, onFinish, onPin }: CardProps) {
  const { t, language } = useI18n();
  const { user, classes, up, reason, note, question, answer, withheld } = feedback;
  return (
    <article className={styles.card}>
      <p>
        <strong>{user.name}</strong> {classes.map(({ name }) => name).join(", ")}{" "}
        {!up && <Badge tone="busy">{t(reason ? `thumb.${reason}` : "feedback.no_reason")}</Badge>}{" "}
        <span className={formStyles.soft}>{new Date(feedback.created_at).toLocaleString(language)}</span>
      </p>
      {note !== undefined && note !== "" && <blockquote className={styles.note}>{note}</blockquote>}
      <p>
        <span className={styles.label}>{t("feedback.question")}</span>
        <br />
        {question}
      </p>
      {withheld === true ? (
        <p className={formStyles.soft}>{t("feedback.withheld")}</p>
      ) : (
        <details>
          <summary className={styles.label}>{t("feedback.answer")}</summary>
          <p className={styles.answer}>{answer.responseText}</p>
        </details>
      )}
      {answer.citations.length > 0 && (
        <ul className={styles.sources} aria-label={t("feedback.sources")}>
          {answer.citations.map((citation) => (
            <li key={citation.number}>
              <CitedPassage citation={citation} />
            </li>
          ))}
        </ul>
      )}
      <div className={formStyles.row}>
        {!done && !up && (
          <Button look="primary" onClick={onPin}>
            {t("feedback.pin")}
          </Button>
        )}
        {!up &&
          (done ? (
            <>
              <span className={formStyles.soft}>
                {feedback.done_by !== undefined && feedback.done_by !== ""
                  ? t("feedback.done_by", { name: feedback.done_by })
                  : t("feedback.is_done")}
              </span>
              <Button
                onClick={() => {
                  onFinish(false);
                }}
              >
                {t("feedback.undo")}
              </Button>
            </>
          ) : (
            <Button
              onClick={() => {
                onFinish(true);
              }}
            >
              {t("feedback.done")}
            </Button>
          ))}
      </div>
    </article>
  );
}

/** A passage that an answer rests on: to be opened, or marked as wrong. */
function CitedPassage({ citation }: { readonly citation: Citation }) {
  const { t } = useI18n();
  const [wrong, setWrong] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const { source_id: sourceId, chunk_id: chunkId, text, place } = citation;
  const mark = (now: boolean) => {
    const action: Promise<unknown> = now ? markWrong(sourceId, chunkId) : unmarkWrong(sourceId, chunkId);
    action.then(
      () => {
        setWrong(now);
        setProblem(null);
        toast(t(now ? "wrong.marked" : "wrong.taken_back"));
      },
      (error: unknown) => {
        setProblem(problemOf(error));
      },
    );
  };
  if (citation.source_title === "") return null; // it has been deleted
  return (
    <>
      <Link href={passageLink({ sourceId, chunkId, text, place })}>
        {citation.source_title} {placeText(t, citation.source_kind, place)}
      </Link>
      <span className={styles.quote}>{wrong ? <s>{text}</s> : text}</span>
      <Failure problem={problem} />
      <Button
        look="quiet"
        onClick={() => {
          mark(!wrong);
        }}
      >
        {t(wrong ? "wrong.take_back" : "wrong.mark")}
      </Button>
    </>
  );
}
