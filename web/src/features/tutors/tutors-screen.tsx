import { useCallback, useState } from "react";
import { problemOf } from "@/api/client";
import { feedbackCount } from "@/api/feedback";
import { draftPersona, flagCount, listPersonas } from "@/api/tutors";
import type { Persona, PersonaContent, Problem } from "@/api/types";
import { usePaged } from "@/api/use-paged";
import { useI18n } from "@/lib/i18n/i18n";
import { useObservable } from "@/lib/observable";
import { Link, navigate } from "@/lib/router";
import { Badge } from "@/ui/badge";
import { Button, buttonClass } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { Failure } from "@/ui/failure";
import { SearchField } from "@/ui/field";
import { formStyles as styles } from "@/ui/form";
import { PlusIcon } from "@/ui/icons";
import { PageTitle } from "@/ui/page-title";
import { Spinner } from "@/ui/spinner";

const address = (persona: Persona) => `/tutors/${encodeURIComponent(persona.id)}`;

/** The school's tutors. */
export default function TutorsScreen() {
  const { t } = useI18n();
  const [search, setSearch] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [badFile, setBadFile] = useState(false);
  const pupils = useObservable(flagCount)?.open ?? 0;
  const waiting = useObservable(feedbackCount)?.open ?? 0;
  const load = useCallback((cursor: string) => listPersonas({ search, cursor }), [search]);
  const { items, more, problem: failed } = usePaged(load);
  const make = (content: PersonaContent) => {
    draftPersona(content).then(
      (made) => {
        navigate(address(made));
      },
      (error: unknown) => {
        setProblem(problemOf(error));
      },
    );
  };
  const open = async (file: File) => {
    setBadFile(false);
    try {
      const read = JSON.parse(await file.text()) as { format?: string; content?: PersonaContent };
      if (read.format !== "bwenge-persona/1" || !read.content) throw new SyntaxError();
      make(read.content);
    } catch {
      setBadFile(true);
    }
  };
  return (
    <div className={styles.page}>
      <PageTitle>{t("tutors.title")}</PageTitle>
      <p>{t("tutors.text")}</p>
      <div className={styles.row}>
        <Button
          look="primary"
          icon={<PlusIcon />}
          onClick={() => {
            make({ name: t("tutors.new") });
          }}
        >
          {t("tutors.new")}
        </Button>
        <label className={buttonClass("plain")}>
          {t("tutors.import")}
          <input
            type="file"
            accept=".json,application/json"
            className="visually-hidden"
            onChange={(event) => {
              const file = event.target.files?.[0];
              event.target.value = "";
              if (file) void open(file);
            }}
          />
        </label>
        <Link href="/care" className={buttonClass("plain")}>
          {t("tutors.care")}
          {pupils > 0 && <Badge tone="bad">{pupils}</Badge>}
        </Link>
        <Link href="/feedback" className={buttonClass("plain")}>
          {t("feedback.title")}
          {waiting > 0 && <Badge tone="busy">{waiting}</Badge>}
        </Link>
        <Link href="/pins" className={buttonClass("plain")}>
          {t("pins.title")}
        </Link>
      </div>
      {badFile && <p role="alert">{t("tutors.bad_file")}</p>}
      <SearchField label={t("tutors.search")} value={search} onChange={setSearch} />
      <Failure problem={problem ?? failed} />
      {items === null && !failed && <Spinner label={t("state.loading")} />}
      {items?.length === 0 && <EmptyState title={t(search.trim() === "" ? "tutors.no_tutor" : "tutors.none")} />}
      <ul className={styles.list}>
        {items?.map((persona) => (
          <li key={persona.id} className={styles.item}>
            <span className={styles.grow}>
              <Link href={address(persona)} className={styles.alone}>
                <strong>{persona.name}</strong>
              </Link>{" "}
              {persona.draft && <Badge tone="busy">{t("tutors.draft")}</Badge>}
              <br />
              <span className={styles.soft}>
                {[
                  persona.subject,
                  persona.draft
                    ? t("tutors.draft_text")
                    : persona.classes.map(({ name }) => name).join(", ") || t("tutors.everybody"),
                  persona.shipped && t("tutors.shipped"),
                ]
                  .filter(Boolean)
                  .join(" · ")}
              </span>
            </span>
          </li>
        ))}
      </ul>
      {more && <Button onClick={more}>{t("action.more")}</Button>}
    </div>
  );
}
