import { useState } from "react";
import { problemOf } from "@/api/client";
import { importRoster, previewImport } from "@/api/people";
import type { ImportPreview, ImportRequest, Problem } from "@/api/types";
import { useI18n } from "@/lib/i18n/i18n";
import { problemText } from "@/lib/i18n/problem";
import { Button } from "@/ui/button";
import { Callout } from "@/ui/callout";
import { Failure } from "@/ui/failure";
import { Check, Form, formStyles as styles, TextArea, TextField } from "@/ui/form";
import { toBase64 } from "./base64";

interface RosterPanelProps {
  /** Asks for a class's name; else the list goes into classId, or the classes that it names. */
  readonly newClass?: boolean;
  readonly classId?: string;
  /** The class that the pupils are in now, how many were added, and the import, which can be undone. */
  readonly onDone: (classId: string | undefined, count: number, importId: string) => void;
}

/** Pasted names or files: checked line by line first, then made in one step. */
export default function RosterPanel({ newClass = false, classId, onDone }: RosterPanelProps) {
  const { t } = useI18n();
  const [name, setName] = useState("");
  const [text, setText] = useState("");
  const [files, setFiles] = useState<readonly File[]>([]);
  const [preview, setPreview] = useState<ImportPreview | null>(null);
  const [skip, setSkip] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  const request = async (): Promise<ImportRequest> => ({
    ...(files.length > 0
      ? { files: await Promise.all(files.map(async (f) => ({ name: f.name, content: await toBase64(f) }))) }
      : { text }),
    ...(classId !== undefined && { class_id: classId }),
    ...(newClass && name.trim() !== "" && { new_class: name.trim() }),
    skip_errors: skip,
  });
  const changed = () => {
    setPreview(null);
    setProblem(null);
  };

  const check = async () => {
    setProblem(null);
    try {
      setPreview(await previewImport(await request()));
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  const load = async () => {
    setProblem(null);
    try {
      const done = await importRoster(await request());
      onDone(classId ?? done.users[0]?.classes[0]?.id, done.import.added + done.import.joined, done.import.id);
    } catch (error) {
      setProblem(problemOf(error));
    }
  };

  return (
    <Form onSubmit={preview ? load : check}>
      {(busy) => (
        <>
          {newClass && (
            <TextField
              label={t("people.class_name")}
              value={name}
              onChange={(value) => {
                setName(value);
                changed();
              }}
            />
          )}
          <TextArea
            label={t("people.names")}
            rows={8}
            value={text}
            onChange={(value) => {
              setText(value);
              changed();
            }}
          />
          <div className={styles.field}>
            <label htmlFor="roster-files" className={styles.label}>
              {t("people.files")}
            </label>
            <input
              id="roster-files"
              type="file"
              multiple
              accept=".csv,.txt,.zip"
              onChange={(event) => {
                setFiles([...(event.target.files ?? [])]);
                changed();
              }}
            />
            <span className={styles.hint}>{t("people.files_hint")}</span>
          </div>
          <Failure problem={problem} />
          {preview && <Preview preview={preview} skip={skip} onSkip={setSkip} />}
          <p>
            {preview ? (
              <Button
                type="submit"
                look="primary"
                disabled={busy || preview.add + preview.join === 0 || (preview.errors > 0 && !skip)}
              >
                {t("people.add_count", { count: preview.add + preview.join })}
              </Button>
            ) : (
              <Button
                type="submit"
                look="primary"
                disabled={busy || (text.trim() === "" && files.length === 0) || (newClass && name.trim() === "")}
              >
                {t("people.check")}
              </Button>
            )}
          </p>
        </>
      )}
    </Form>
  );
}

interface PreviewProps {
  readonly preview: ImportPreview;
  readonly skip: boolean;
  readonly onSkip: (skip: boolean) => void;
}

const shownLines = 200;

function Preview({ preview, skip, onSkip }: PreviewProps) {
  const { t, language, problems } = useI18n();
  const wrong = preview.rows.filter((row) => row.problem !== undefined);
  const right = preview.rows.filter((row) => row.problem === undefined);
  return (
    <section className={styles.form} aria-live="polite">
      <p>{t("people.preview", { add: preview.add, join: preview.join, same: preview.same })}</p>
      {wrong.length > 0 && (
        <Callout tone="bad" title={t("people.errors", { count: wrong.length })}>
          <ul className={styles.list}>
            {wrong.slice(0, shownLines).map((row) => {
              const told = row.problem && problemText(language, problems, row.problem);
              return (
                <li key={`${row.file ?? ""}${String(row.line)}`} className={styles.item}>
                  <span className={styles.grow}>
                    {t("people.line", { line: row.line, name: row.name })} <strong>{told?.message}</strong> {told?.hint}
                  </span>
                </li>
              );
            })}
          </ul>
          <Check label={t("people.skip")} checked={skip} onChange={onSkip} />
        </Callout>
      )}
      <details>
        <summary>{t("people.show_lines", { count: right.length })}</summary>
        <ul className={styles.list}>
          {right.slice(0, shownLines).map((row) => (
            <li key={`${row.file ?? ""}${String(row.line)}${row.class ?? ""}`} className={styles.item}>
              <span className={styles.grow}>{row.name}</span>
              <span className={styles.soft}>{row.class}</span>
            </li>
          ))}
        </ul>
      </details>
    </section>
  );
}
