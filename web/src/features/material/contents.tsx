import type { Source } from "@/api/types";
import { useI18n } from "@/lib/i18n/i18n";
import styles from "./source-row.module.css";

const read = [
  "articles",
  "tables",
  "charts",
  "diagrams",
  "scanned_pages",
  "pictures",
  "pictures_without_text",
  "formulas",
  "formulas_computed",
  "footnotes",
  "notes",
  "embedded",
] as const;
const lost = [
  "formulas_lost",
  "charts_lost",
  "charts_cut",
  "diagrams_lost",
  "diagrams_cut",
  "footnotes_lost",
  "embedded_lost",
  "texts_cut",
  "comments",
  "hidden",
  "hidden_slides",
  "cell_errors",
] as const;

/** What was read of a source besides running text, and what was not. */
export function Contents({ source: { contents = {} } }: { readonly source: Source }) {
  const { t } = useI18n();
  const words = (keys: readonly ((typeof read)[number] | (typeof lost)[number] | "doubts")[]) =>
    keys
      .flatMap((key) => {
        const count = contents[key] ?? 0;
        return count > 0 ? [t(`contents.${key}`, { count })] : [];
      })
      .join(", ");
  const [what, left, doubts] = [words(read), words(lost), words(["doubts"])];
  if (what === "" && left === "" && doubts === "") return null;
  return (
    <>
      {(what !== "" || doubts !== "") && <p className={styles.facts}>{[what, doubts].filter(Boolean).join(" · ")}</p>}
      {left !== "" && <p className={styles.notice}>{t("contents.lost", { what: left })}</p>}
    </>
  );
}
