import { useEffect, useState } from "react";
import { isAbort, problemOf } from "@/api/client";
import { markWrong, pagePassages, unmarkWrong } from "@/api/feedback";
import type { Chunk, Problem } from "@/api/types";
import { useI18n } from "@/lib/i18n/i18n";
import { Button } from "@/ui/button";
import { Failure } from "@/ui/failure";
import { toast } from "@/ui/live";
import styles from "./text-screen.module.css";

/** The passages of a page, as search knows them; none while they are looked for. */
export function usePassages(id: string, number: number, version: string) {
  const [passages, setPassages] = useState<readonly Chunk[]>([]);
  const [changes, setChanges] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    pagePassages(id, number, abort.signal).then(
      (page) => {
        setPassages(page.passages);
      },
      (error: unknown) => {
        // The text can be read and mended all the same.
        if (!isAbort(error)) setPassages([]);
      },
    );
    return () => {
      abort.abort();
    };
  }, [id, number, version, changes]);
  return {
    passages,
    reload: () => {
      setChanges((now) => now + 1);
    },
  };
}

interface WrongPassagesProps {
  readonly source: string;
  readonly passages: readonly Chunk[];
  readonly mayChange: boolean;
  readonly onChange: () => void;
}

/** Which passages of a page are marked as wrong, and the way to mark others. */
export function WrongPassages({ source, passages, mayChange, onChange }: WrongPassagesProps) {
  const { t, language } = useI18n();
  const [problem, setProblem] = useState<Problem | null>(null);
  const mark = (passage: Chunk, wrong: boolean) => {
    const action: Promise<unknown> = wrong ? markWrong(source, passage.id) : unmarkWrong(source, passage.id);
    action.then(
      () => {
        setProblem(null);
        toast(t(wrong ? "wrong.marked" : "wrong.taken_back"));
        onChange();
      },
      (error: unknown) => {
        setProblem(problemOf(error));
      },
    );
  };
  const marked = passages.filter((passage) => passage.wrong);
  const others = passages.filter((passage) => !passage.wrong);
  return (
    <>
      <Failure problem={problem} />
      {marked.map((passage) => (
        <div key={passage.id} className={styles.wrong}>
          <p>
            <strong>{wrongText(t, language, passage)}</strong>
          </p>
          <p>
            <s>{passage.text}</s>
          </p>
          {mayChange && (
            <Button
              onClick={() => {
                mark(passage, false);
              }}
            >
              {t("wrong.take_back")}
            </Button>
          )}
        </div>
      ))}
      {mayChange && others.length > 0 && (
        <details>
          <summary>{t("wrong.passages")}</summary>
          <ol className={styles.list}>
            {others.map((passage) => (
              <li key={passage.id}>
                <p className={styles.passage}>{passage.text}</p>
                <Button
                  onClick={() => {
                    mark(passage, true);
                  }}
                >
                  {t("wrong.mark")}
                </Button>
              </li>
            ))}
          </ol>
        </details>
      )}
    </>
  );
}

function wrongText(t: ReturnType<typeof useI18n>["t"], language: string, { wrong }: Chunk): string {
  const date = new Date(wrong?.at ?? "").toLocaleDateString(language);
  return wrong?.by === undefined || wrong.by === "" ? t("wrong.on", { date }) : t("wrong.by", { name: wrong.by, date });
}
