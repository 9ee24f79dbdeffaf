import { Fragment, useState } from "react";
import type { Section, Table } from "@/api/text";
import { useI18n } from "@/lib/i18n/i18n";
import { useUnsaved } from "@/lib/router";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Form, TextArea, TextField } from "@/ui/form";
import { strike } from "./strike";
import styles from "./text-screen.module.css";

const doubts = ["ocr", "symbols", "formula", "columns"] as const;

/** What stands on a page: headings, paragraphs, tables, and where it may be wrong. */
export function PageText({
  sections,
  language,
  wrong = [],
}: {
  readonly sections: readonly Section[];
  readonly language?: string | undefined;
  /** Passages that are marked as wrong. */
  readonly wrong?: readonly string[];
}) {
  const { t } = useI18n();
  if (sections.length === 0) return <p className={styles.empty}>{t("text.empty")}</p>;
  return (
    <div className={styles.text} lang={language}>
      {sections.map((section, i) => {
        const heading = section.heading !== sections[i - 1]?.heading ? section.heading : undefined;
        const doubt = doubts.find((known) => known === section.doubt);
        return (
          <section key={i} className={section.doubt ? styles.doubtful : undefined}>
            {heading && <h3>{heading}</h3>}
            {section.doubt && (
              <p className={styles.doubt}>
                <Badge tone="busy">{t("text.doubt")}</Badge> {doubt && t(`text.doubt.${doubt}`)}
              </p>
            )}
            {section.table ? (
              <TableView table={section.table} />
            ) : (
              section.text.split(/\n{2,}/).map((paragraph, n) => (
                <p key={n}>
                  <Struck text={paragraph} wrong={wrong} />
                </p>
              ))
            )}
          </section>
        );
      })}
    </div>
  );
}

function TableView({ table: { caption, columns, rows } }: { readonly table: Table }) {
  return (
    // A wide table scrolls by itself, so it must be reachable by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={styles.wide} tabIndex={0} role="region" aria-label={caption}>
      <table className={styles.table}>
        {caption && <caption>{caption}</caption>}
        {columns && (
          <thead>
            <tr>
              {columns.map((name, i) => (
                <th key={i} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
        )}
        <tbody>
          {rows.map((row, i) => (
            <tr key={i}>
              {row.map((cell, n) => (
                <td key={n}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Struck({ text, wrong }: { readonly text: string; readonly wrong: readonly string[] }) {
  return strike(text, wrong).map((stretch, i) =>
    stretch.wrong ? <s key={i}>{stretch.text}</s> : <Fragment key={i}>{stretch.text}</Fragment>,
  );
}

interface PageEditorProps {
  readonly sections: readonly Section[];
  readonly onSave: (sections: readonly Section[]) => Promise<void>;
  readonly onCancel: () => void;
}

/** A page's text to be mended: plain text, and the cells of its tables. */
export function PageEditor({ sections, onSave, onCancel }: PageEditorProps) {
  const { t } = useI18n();
  const [first] = useState<readonly Section[]>(sections.length > 0 ? sections : [{ text: "", place: {} }]);
  const [drafts, setDrafts] = useState(first);
  useUnsaved(drafts !== first);
  const set = (at: number, change: Partial<Section>) => {
    setDrafts(drafts.map((draft, i) => (i === at ? { ...draft, ...change } : draft)));
  };
  return (
    <Form onSubmit={() => onSave(drafts)}>
      {(busy) => (
        <>
          {drafts.map((draft, i) => (
            <div key={i} className={styles.draft}>
              {(draft.heading ?? "") !== "" && (
                <TextField
                  label={t("text.heading")}
                  value={draft.heading ?? ""}
                  maxLength={500}
                  onChange={(heading) => {
                    set(i, { heading });
                  }}
                />
              )}
              {draft.table ? (
                <TableEditor
                  table={draft.table}
                  onChange={(table) => {
                    set(i, { table });
                  }}
                />
              ) : (
                <TextArea
                  label={t("text.paragraphs")}
                  value={draft.text}
                  rows={Math.min(24, Math.max(3, Math.ceil(draft.text.length / 45) + draft.text.split("\n").length))}
                  onChange={(text) => {
                    set(i, { text });
                  }}
                />
              )}
            </div>
          ))}
          <p className={styles.buttons}>
            <Button type="submit" look="primary" disabled={busy}>
              {t("text.save")}
            </Button>
            <Button onClick={onCancel}>{t("text.cancel")}</Button>
          </p>
        </>
      )}
    </Form>
  );
}

function TableEditor({ table, onChange }: { readonly table: Table; readonly onChange: (table: Table) => void }) {
  const { t } = useI18n();
  const { rows } = table;
  const replaced = (cells: readonly string[], at: number, value: string) =>
    cells.map((cell, i) => (i === at ? value : cell));
  return (
    <div className={styles.wide}>
      <table className={styles.table}>
        {table.columns && (
          <thead>
            <tr>
              {table.columns.map((name, i) => (
                <th key={i} scope="col">
                  <input
                    className={styles.cell}
                    aria-label={t("text.column", { number: i + 1 })}
                    value={name}
                    onChange={(event) => {
                      onChange({ ...table, columns: replaced(table.columns ?? [], i, event.target.value) });
                    }}
                  />
                </th>
              ))}
            </tr>
          </thead>
        )}
        <tbody>
          {rows.map((row, r) => (
            <tr key={r}>
              {row.map((cell, c) => (
                <td key={c}>
                  <input
                    className={styles.cell}
                    aria-label={t("text.cell", { row: r + 1, column: c + 1 })}
                    value={cell}
                    onChange={(event) => {
                      const now = rows.map((old, i) => (i === r ? replaced(old, c, event.target.value) : old));
                      onChange({ ...table, rows: now });
                    }}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
