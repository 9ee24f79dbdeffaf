import { useState } from "react";
import { problemOf } from "@/api/client";
import { importRoster, previewImport } from "@/api/people";
import type { ImportLine, ImportPreview, ImportRequest, ImportRow, ImportTable, Problem } from "@/api/types";
import { useI18n } from "@/lib/i18n/i18n";
import { problemText } from "@/lib/i18n/problem";
import { Button } from "@/ui/button";
import { Callout } from "@/ui/callout";
import { Failure } from "@/ui/failure";
import { Check, Form, formStyles as styles, TextArea, TextField } from "@/ui/form";
import { toBase64 } from "./base64";
import { RosterColumns } from "./roster-columns";

interface RosterPanelProps {
  /** Asks for a class's name; else the list goes into classId, or the classes that it names. */
  readonly newClass?: boolean;
  readonly classId?: string;
  /** The class that the pupils are in now, how many were added, and the import, which can be undone. */
  readonly onDone: (classId: string | undefined, count: number, importId: string) => void;
}

/**
 * Pasted names or files: checked line by line first, then made in one step. What
 * the box is not sure of is asked in between.
 */
export default function RosterPanel({ newClass = false, classId, onDone }: RosterPanelProps) {
  const { t } = useI18n();
  const [name, setName] = useState("");
  const [text, setText] = useState("");
  const [files, setFiles] = useState<readonly File[]>([]);
  const [preview, setPreview] = useState<ImportPreview | null>(null);
  const [skip, setSkip] = useState(false);
  /** What was said of the columns; null leaves them to the box. */
  const [tables, setTables] = useState<readonly ImportTable[] | null>(null);
  /** They were changed since the last check. */
  const [stale, setStale] = useState(false);
  const [pupils, setPupils] = useState<readonly ImportLine[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);

  const shown = tables ?? preview?.tables ?? [];

  const request = async (said = tables): Promise<ImportRequest> => ({
    ...(files.length > 0
      ? { files: await Promise.all(files.map(async (f) => ({ name: f.name, content: await toBase64(f) }))) }
      : { text }),
    ...(classId !== undefined && { class_id: classId }),
    ...(newClass && name.trim() !== "" && { new_class: name.trim() }),
    ...(said && { tables: said.map(({ sample: _, ...table }) => table) }),
    ...(pupils.length > 0 && { pupils: [...pupils] }),
    skip_errors: skip,
  });
  const changed = () => {
    setPreview(null);
    setTables(null);
    setStale(false);
    setPupils([]);
    setProblem(null);
  };

  const check = async () => {
    setProblem(null);
    const said = preview && shown.length > 0 ? shown : tables;
    try {
      setPreview(await previewImport(await request(said)));
      setTables(said);
      setStale(false);
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

  const ready = preview !== null && !stale && preview.unsure !== true;
  const count = preview ? preview.add + preview.join + pupils.length : 0;
  return (
    <Form onSubmit={ready ? load : check}>
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
              accept=".xlsx,.xlsm,.ods,.csv,.tsv,.txt,.zip,.docx,.odt"
              onChange={(event) => {
                setFiles([...(event.target.files ?? [])]);
                changed();
              }}
            />
            <span className={styles.hint}>{t("people.files_hint")}</span>
          </div>
          <Failure problem={problem} />
          {preview && shown.length > 0 && (
            <Columns
              tables={shown}
              unsure={preview.unsure === true}
              onChange={(next) => {
                setTables(next);
                setStale(true);
              }}
            />
          )}
          {preview && ready && (
            <Preview preview={preview} skip={skip} onSkip={setSkip} pupils={pupils} onPupils={setPupils} />
          )}
          <p>
            {ready ? (
              <Button type="submit" look="primary" disabled={busy || count === 0 || (preview.errors > 0 && !skip)}>
                {t("people.add_count", { count })}
              </Button>
            ) : (
              <Button
                type="submit"
                look="primary"
                disabled={busy || (text.trim() === "" && files.length === 0) || (newClass && name.trim() === "")}
              >
                {t(preview ? "people.columns_check" : "people.check")}
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
  readonly pupils: readonly ImportLine[];
  readonly onPupils: (pupils: readonly ImportLine[]) => void;
}

const shownLines = 200;

interface ColumnsProps {
  readonly tables: readonly ImportTable[];
  readonly unsure: boolean;
  readonly onChange: (tables: readonly ImportTable[]) => void;
}

function Columns({ tables, unsure, onChange }: ColumnsProps) {
  const { t } = useI18n();
  const fields = tables.map((table, at) => (
    <RosterColumns
      key={`${table.file ?? ""}|${table.sheet ?? ""}`}
      table={table}
      onChange={(next) => {
        onChange(tables.map((other, i) => (i === at ? next : other)));
      }}
    />
  ));
  if (unsure) {
    return (
      <Callout tone="sun" title={t("people.columns_ask")}>
        <p>{t("people.columns_text")}</p>
        {fields}
      </Callout>
    );
  }
  return (
    <details>
      <summary>{t("people.columns")}</summary>
      {fields}
    </details>
  );
}

const keyOf = ({ file = "", sheet = "", line }: ImportLine) => `${file}|${sheet}|${String(line)}`;

const lineOf = ({ file, sheet, line }: ImportRow): ImportLine => ({
  ...(file !== undefined && { file }),
  ...(sheet !== undefined && { sheet }),
  line,
});

function Preview({ preview, skip, onSkip, pupils, onPupils }: PreviewProps) {
  const { t, language, problems } = useI18n();
  const wrong = preview.rows.filter((row) => row.problem !== undefined);
  const asked = preview.rows.filter((row) => row.action === "ask");
  const left = preview.rows.filter((row) => row.action === "left");
  const right = preview.rows.filter((row) => row.problem === undefined && row.why === undefined);
  const why = (row: ImportRow) => row.why && problemText(language, problems, row.why).message;
  return (
    <section className={styles.form} aria-live="polite">
      <p>
        {t("people.preview", {
          add: preview.add,
          join: preview.join,
          same: preview.same,
          left: preview.left,
          ask: preview.ask,
        })}
      </p>
      {wrong.length > 0 && (
        <Callout tone="bad" title={t("people.errors", { count: wrong.length })}>
          <ul className={styles.list}>
            {wrong.slice(0, shownLines).map((row) => {
              const told = row.problem && problemText(language, problems, row.problem);
              return (
                <li key={keyOf(row)} className={styles.item}>
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
      {asked.length > 0 && (
        <Callout tone="sun" title={t("people.ask", { count: asked.length })}>
          <p>{t("people.ask_text")}</p>
          <ul className={styles.list}>
            {asked.slice(0, shownLines).map((row) => {
              const key = keyOf(row);
              return (
                <li key={key}>
                  <Check
                    label={
                      <>
                        {t("people.line", { line: row.line, name: row.name })} {why(row)}
                      </>
                    }
                    checked={pupils.some((one) => keyOf(one) === key)}
                    onChange={(checked) => {
                      onPupils(checked ? [...pupils, lineOf(row)] : pupils.filter((one) => keyOf(one) !== key));
                    }}
                  />
                </li>
              );
            })}
          </ul>
        </Callout>
      )}
      {left.length > 0 && (
        <details>
          <summary>{t("people.left", { count: left.length })}</summary>
          <ul className={styles.list}>
            {left.slice(0, shownLines).map((row) => (
              <li key={keyOf(row)} className={styles.item}>
                <span className={styles.grow}>
                  {t("people.line", { line: row.line, name: row.name })} {why(row)}
                </span>
              </li>
            ))}
          </ul>
        </details>
      )}
      <details>
        <summary>{t("people.show_lines", { count: right.length })}</summary>
        <ul className={styles.list}>
          {right.slice(0, shownLines).map((row) => (
            <li key={keyOf(row)} className={styles.item}>
              <span className={styles.grow}>
                {row.name} {row.known_as !== undefined && `(${t("people.known_as", { name: row.known_as })})`}
              </span>
              <span className={styles.soft}>{row.class}</span>
            </li>
          ))}
        </ul>
      </details>
    </section>
  );
}
