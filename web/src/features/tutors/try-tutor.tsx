import { useState } from "react";
import { problemOf } from "@/api/client";
import { previewPersona, retrieve } from "@/api/tutors";
import type { Answer, Found, PersonaContent, Problem } from "@/api/types";
import { useI18n } from "@/lib/i18n/i18n";
import { placeText } from "@/lib/place";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Failure } from "@/ui/failure";
import { Form, formStyles as styles, TextField } from "@/ui/form";
import { Spinner } from "@/ui/spinner";

interface TryTutorProps {
  readonly id: string;
  readonly content: PersonaContent;
}

/** Asks a tutor before it is saved, and shows what it finds. */
export function TryTutor({ id, content }: TryTutorProps) {
  const { t } = useI18n();
  const [question, setQuestion] = useState("");
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [found, setFound] = useState<Found | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const attempt = async (work: () => Promise<void>) => {
    setProblem(null);
    try {
      await work();
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  return (
    <section aria-label={t("tutor.try")}>
      <h2>{t("tutor.try")}</h2>
      <p>{t("tutor.try_text")}</p>
      <Form
        onSubmit={() =>
          attempt(async () => {
            setAnswer(null);
            setAnswer(await previewPersona(content, question));
          })
        }
      >
        {(busy) => (
          <>
            <TextField label={t("tutor.question")} value={question} maxLength={2000} onChange={setQuestion} />
            <div className={styles.row}>
              <Button type="submit" look="primary" disabled={busy || question.trim() === ""}>
                {t("tutor.ask")}
              </Button>
              <Button
                disabled={question.trim() === ""}
                onClick={() => {
                  void attempt(async () => {
                    setFound(await retrieve(id, question));
                  });
                }}
              >
                {t("tutor.find")}
              </Button>
            </div>
            {busy && <Spinner label={t("ask.reading")} />}
          </>
        )}
      </Form>
      <Failure problem={problem} />
      {answer && (
        <Card>
          <p aria-live="polite" style={{ whiteSpace: "pre-wrap" }}>
            {answer.responseText}
          </p>
          <p className={styles.soft}>{answer.citations.map(({ source_title: title }) => title).join(", ")}</p>
        </Card>
      )}
      {found && (
        <div>
          <h3>{t("tutor.found")}</h3>
          <p>{found.answerable ? t("tutor.answerable") : t("tutor.not_answerable")}</p>
          {found.query !== question && <p className={styles.soft}>{t("tutor.searched_as", { query: found.query })}</p>}
          <ol className={styles.list}>
            {found.hits.map((hit) => (
              <li key={hit.id} className={styles.item}>
                <span className={styles.grow}>
                  <strong>
                    {[hit.source_title, placeText(t, hit.source_kind, hit.place)].filter(Boolean).join(", ")}
                  </strong>
                  <br />
                  {hit.text.slice(0, 240)}
                  <br />
                  <span className={styles.soft}>
                    {t("tutor.why", {
                      meaning: Math.round(100 * hit.meaning),
                      words: Math.round(100 * hit.words),
                      matched: hit.matched.join(", "),
                    })}
                  </span>
                </span>
              </li>
            ))}
          </ol>
        </div>
      )}
    </section>
  );
}
