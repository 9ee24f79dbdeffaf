import { useId, useState } from "react";
import { askForHelp } from "@/api/tutors";
import { problemOf } from "@/api/client";
import { sourceLink } from "@/api/links";
import type { Answer } from "@/api/types";
import { problemText } from "@/lib/i18n/problem";
import { useI18n } from "@/lib/i18n/i18n";
import { Link } from "@/lib/router";
import { Button, buttonClass } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { toast } from "@/ui/live";
import styles from "./actions.module.css";

interface QuizQuestion {
  readonly text: string;
  readonly options: readonly string[];
  readonly answer: number;
}

interface ActionsProps {
  readonly answer: Answer;
  readonly conversation: string | undefined;
  /** Absent while another question is on its way. */
  readonly onAsk?: ((question: string) => void) | undefined;
}

function payload(answer: Answer, type: string, name: string): unknown {
  const action = answer.actions.find((one) => one.type === type);
  return action?.payload?.[name];
}

/** What one can do after an answer. What the app does not know it leaves out. */
export function Actions({ answer, conversation, onAsk }: ActionsProps) {
  const { t, language, problems } = useI18n();
  const [quiz, setQuiz] = useState(false);
  const next = (payload(answer, "suggest_questions", "questions") ?? []) as string[];
  const questions = (payload(answer, "start_quiz", "questions") ?? []) as QuizQuestion[];
  const picture = payload(answer, "show_picture", "source_id") as string | undefined;
  const teacher = answer.actions.some(({ type }) => type === "call_teacher");
  const callTeacher = () => {
    askForHelp(conversation).then(
      ({ teachers }) => {
        toast(
          teachers.length === 0
            ? t("action.teacher_office")
            : t("action.teacher_named", { names: teachers.join(", ") }),
        );
      },
      (error: unknown) => {
        toast(problemText(language, problems, problemOf(error)).message);
      },
    );
  };
  return (
    <div className={styles.actions}>
      {next.length > 0 && onAsk && (
        <div role="group" aria-label={t("action.suggest")} className={styles.next}>
          {next.map((question) => (
            <button
              key={question}
              type="button"
              className={styles.chip}
              onClick={() => {
                onAsk(question);
              }}
            >
              {question}
            </button>
          ))}
        </div>
      )}
      {questions.length > 0 && (
        <Button
          onClick={() => {
            setQuiz(true);
          }}
        >
          {t("action.quiz")}
        </Button>
      )}
      {picture !== undefined && (
        <Link href={sourceLink(picture)} className={buttonClass("plain")}>
          {t("action.picture")}
        </Link>
      )}
      {teacher && <Button onClick={callTeacher}>{t("action.teacher")}</Button>}
      {quiz && (
        <Dialog
          title={t("action.quiz")}
          onClose={() => {
            setQuiz(false);
          }}
        >
          {questions.map((question, i) => (
            <Question key={i} question={question} />
          ))}
        </Dialog>
      )}
    </div>
  );
}

function Question({ question }: { readonly question: QuizQuestion }) {
  const { t } = useI18n();
  const group = useId(); // two questions may have the same words
  const [chosen, setChosen] = useState<number | null>(null);
  const right = question.options[question.answer] ?? "";
  return (
    <fieldset className={styles.question}>
      <legend>{question.text}</legend>
      {question.options.map((option, i) => (
        <label key={i} className={styles.option}>
          <input
            type="radio"
            name={group}
            checked={chosen === i}
            onChange={() => {
              setChosen(i);
            }}
          />
          {option}
        </label>
      ))}
      <p role="status">
        {chosen !== null &&
          (chosen === question.answer ? t("action.quiz_right") : t("action.quiz_wrong", { answer: right }))}
      </p>
    </fieldset>
  );
}
