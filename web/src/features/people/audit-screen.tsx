import { useCallback, useState } from "react";
import { listAudit } from "@/api/people";
import { useI18n } from "@/lib/i18n/i18n";
import { Button } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { Failure } from "@/ui/failure";
import { SelectField } from "@/ui/field";
import { formStyles as styles, TextField } from "@/ui/form";
import { PageTitle } from "@/ui/page-title";
import { Spinner } from "@/ui/spinner";
import { usePaged } from "@/api/use-paged";

const kinds = [
  "",
  "session",
  "user",
  "class",
  "roster",
  "invitation",
  "org",
  "source",
  "conversation",
  "password",
  "audit",
] as const;
type Kind = (typeof kinds)[number];

/** What was done in the school, by whom and when. */
export default function AuditScreen() {
  const { t, language } = useI18n();
  const [action, setAction] = useState<Kind>("");
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const load = useCallback(
    (cursor: string) =>
      listAudit({
        action,
        cursor,
        ...(from !== "" && { from: new Date(from).toISOString() }),
        ...(to !== "" && { to: new Date(new Date(to).getTime() + 86_400_000).toISOString() }),
      }),
    [action, from, to],
  );
  const filtered = action !== "" || from !== "" || to !== "";
  const { items, more, problem, total } = usePaged(load);
  return (
    <div className={styles.page}>
      <PageTitle>{t("audit.title")}</PageTitle>
      <p>{t("audit.text")}</p>
      <div className={styles.row}>
        <SelectField
          label={t("audit.kind")}
          labelled
          value={action}
          options={kinds.map((value) => ({ value, label: value === "" ? t("audit.all") : value }))}
          onChange={setAction}
        />
        <TextField label={t("audit.from")} type="date" value={from} onChange={setFrom} />
        <TextField label={t("audit.to")} type="date" value={to} onChange={setTo} />
      </div>
      <Failure problem={problem} />
      {items === null && !problem && <Spinner label={t("state.loading")} />}
      {items?.length === 0 && <EmptyState title={t(filtered ? "people.none_found" : "audit.none")} />}
      {items !== null && <p className={styles.soft}>{t("audit.count", { count: total })}</p>}
      <ul className={styles.list}>
        {items?.map((e) => (
          <li key={e.n} className={styles.item}>
            <span className={styles.grow}>
              <strong>{e.action}</strong> {e.actor_name ?? t("audit.nobody")}
              <br />
              <span className={styles.soft}>
                {new Date(e.at).toLocaleString(language)} · {e.remote} {e.target}
              </span>
            </span>
            <span className={styles.soft}>{e.n}</span>
          </li>
        ))}
      </ul>
      {more && <Button onClick={more}>{t("action.more")}</Button>}
    </div>
  );
}
