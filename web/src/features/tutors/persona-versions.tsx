import { useEffect, useState } from "react";
import { problemOf } from "@/api/client";
import { personaVersions, restorePersona } from "@/api/tutors";
import type { Persona, PersonaVersion, Problem } from "@/api/types";
import { useI18n } from "@/lib/i18n/i18n";
import { Button } from "@/ui/button";
import { Failure } from "@/ui/failure";
import { formStyles as styles } from "@/ui/form";

interface PersonaVersionsProps {
  readonly id: string;
  /** The present one. */
  readonly version: number;
  readonly onRestored: (persona: Persona) => void;
}

/** What a tutor was, and the way back. */
export function PersonaVersions({ id, version, onRestored }: PersonaVersionsProps) {
  const { t, language } = useI18n();
  const [all, setAll] = useState<readonly PersonaVersion[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const fail = (error: unknown) => {
    setProblem(problemOf(error));
  };
  useEffect(() => {
    personaVersions(id).then(({ versions }) => {
      setAll(versions);
    }, fail);
  }, [id, version]);
  const earlier = all.filter((one) => one.version !== version);
  if (earlier.length === 0) return null;
  return (
    <details>
      <summary>{t("tutor.versions")}</summary>
      <Failure problem={problem} />
      <ul className={styles.list}>
        {earlier.map((one) => (
          <li key={one.version} className={styles.item}>
            <span className={styles.grow}>
              <strong>{t("tutor.version", { number: one.version })}</strong> {one.content.name}
              <br />
              <span className={styles.soft}>
                {[new Date(one.created_at).toLocaleString(language), one.by].filter(Boolean).join(" · ")}
              </span>
            </span>
            <Button
              onClick={() => {
                restorePersona(id, one.version, version).then(onRestored, fail);
              }}
            >
              {t("tutor.restore")}
            </Button>
          </li>
        ))}
      </ul>
    </details>
  );
}
