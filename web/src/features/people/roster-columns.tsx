import type { ImportColumn, ImportTable } from "@/api/types";
import { useI18n } from "@/lib/i18n/i18n";
import { SelectField } from "@/ui/field";
import { Check, formStyles as styles } from "@/ui/form";
import panel from "./roster-columns.module.css";

interface RosterColumnsProps {
  readonly table: ImportTable;
  readonly onChange: (table: ImportTable) => void;
}

const meanings = ["name", "first", "last", "class", "id", "role", "none"] as const;
const shownRows = 6;

/** Says what each column of a list holds, over its first rows. */
export function RosterColumns({ table, onChange }: RosterColumnsProps) {
  const { t } = useI18n();
  const sample = table.sample ?? [];
  const header = table.header ?? 0;
  const skip = table.skip ?? false;
  const width = Math.max(table.columns.length, ...sample.map((row) => row.length));
  const columns: ImportColumn[] = Array.from({ length: width }, (_, i) => table.columns[i] ?? { meaning: "none" });
  const choose = (at: number, meaning: ImportColumn["meaning"]) => {
    onChange({ ...table, columns: columns.map((column, i) => (i === at ? { ...column, meaning } : column)) });
  };
  const title = (i: number) => (header > 0 ? (sample[header - 1]?.[i] ?? "") : "");
  const name = [table.file, table.sheet].filter((part) => part !== undefined && part !== "").join(" › ");
  return (
    <fieldset className={panel.table}>
      {name !== "" && <legend className={styles.label}>{name}</legend>}
      <Check
        label={t("people.no_pupils_here")}
        checked={skip}
        onChange={(checked) => {
          onChange({ ...table, columns, skip: checked });
        }}
      />
      {!skip && (
        <>
          <SelectField
            label={t("people.header_row")}
            labelled
            value={String(header)}
            options={[
              { value: "0", label: t("people.no_header") },
              ...sample.map((row, i) => ({
                value: String(i + 1),
                label: t("people.row", {
                  row: i + 1,
                  text: row
                    .filter((cell) => cell !== "")
                    .join(" · ")
                    .slice(0, 60),
                }),
              })),
            ]}
            onChange={(value) => {
              onChange({ ...table, columns, header: Number(value) });
            }}
          />
          {/* It scrolls sideways, also by keys. */}
          {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <div className={styles.table} tabIndex={0} role="region" aria-label={t("people.columns")}>
            <table className={panel.sample}>
              <thead>
                <tr>
                  {columns.map((column, i) => (
                    <th key={i} scope="col">
                      <SelectField
                        label={title(i) === "" ? t("people.column", { column: i + 1 }) : title(i)}
                        labelled
                        value={column.meaning}
                        options={meanings.map((value) => ({ value, label: t(`people.column_${value}`) }))}
                        onChange={(meaning) => {
                          choose(i, meaning);
                        }}
                      />
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {sample.slice(header, header + shownRows).map((row, n) => (
                  <tr key={n}>
                    {columns.map((_, i) => (
                      <td key={i}>{row[i]}</td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </fieldset>
  );
}
