import { useCallback, useState } from "react";
import { problemOf } from "@/api/client";
import { countFlags, listFlags, seeFlag } from "@/api/tutors";
import type { Flag, Problem } from "@/api/types";
import { usePaged } from "@/api/use-paged";
import { useI18n } from "@/lib/i18n/i18n";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { Failure } from "@/ui/failure";
import { Check, formStyles as styles } from "@/ui/form";
import { PageTitle } from "@/ui/page-title";
import { Spinner } from "@/ui/spinner";

const categories = ["self_harm", "abuse", "violence", "sexual", "drugs", "contact_details", "asked_for_help"] as const;

/** What pupils wrote that an adult should look at. */
export default function CareScreen() {
  const { t, language } = useI18n();
  const [all, setAll] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const load = useCallback((cursor: string) => listFlags(!all, cursor), [all]);
  const { items, more, problem: failed, reload } = usePaged(load);
  const look = (flag: Flag) => {
    seeFlag(flag.id).then(
      () => {
        setProblem(null);
        reload();
        void countFlags();
      },
      (error: unknown) => {
        setProblem(problemOf(error));
      },
    );
  };
  return (
    <div className={styles.page}>
      <PageTitle>{t("care.title")}</PageTitle>
      <p>{t("care.text")}</p>
      <Check label={t("care.all")} checked={all} onChange={setAll} />
      <Failure problem={problem ?? failed} />
      {items === null && !failed && <Spinner label={t("state.loading")} />}
      {items?.length === 0 && <EmptyState title={t("care.none")} />}
      <ul className={styles.list}>
        {items?.map((flag) => {
          const category = categories.find((one) => one === flag.category);
          return (
            <li key={flag.id} className={styles.item}>
              <span className={styles.grow}>
                <strong>{flag.user.name || t("care.box")}</strong> {flag.classes.map(({ name }) => name).join(", ")}
                <br />
                {category && t(`care.${category}`)} {flag.severity > 1 && <Badge tone="bad">{t("care.urgent")}</Badge>}
                {flag.text !== "" && <blockquote className={styles.quote}>{flag.text}</blockquote>}
                <Asked flag={flag} />
                <span className={styles.soft}>
                  {new Date(flag.created_at).toLocaleString(language)}
                  {flag.seen_at !== undefined && ` · ${t("care.seen_by", { name: flag.seen_by ?? "" })}`}
                </span>
              </span>
              {flag.seen_at === undefined && (
                <Button
                  onClick={() => {
                    look(flag);
                  }}
                >
                  {t("care.seen")}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      {more && <Button onClick={more}>{t("action.more")}</Button>}
    </div>
  );
}

/** What the pupil was asking when it happened: the last question, and those before it. */
function Asked({ flag }: { readonly flag: Flag }) {
  const { t } = useI18n();
  const asked = flag.asked.filter((question, i) => i < flag.asked.length - 1 || question !== flag.text);
  const last = asked[asked.length - 1];
  if (last === undefined) return null;
  return (
    <details>
      <summary>
        {t("care.asked")} {last}
      </summary>
      <ol>
        {asked.map((question, i) => (
          <li key={i}>{question}</li>
        ))}
      </ol>
    </details>
  );
}
