import { useEffect, useState } from "react";
import { BoxError } from "@/api/client";
import { connection } from "@/api/connection";
import { listPersonas } from "@/api/tutors";
import type { Persona } from "@/api/types";
import { useI18n } from "@/lib/i18n/i18n";
import { problemText } from "@/lib/i18n/problem";
import { useObservable } from "@/lib/observable";
import { SelectField } from "@/ui/field";
import { toast } from "@/ui/live";

/** The tutors that whoever is signed in may ask. */
export function useTutors(): readonly Persona[] {
  const { returns } = useObservable(connection);
  const { language, problems } = useI18n();
  const [all, setAll] = useState<readonly Persona[]>([]);
  useEffect(() => {
    listPersonas({ limit: 100 }).then(
      (page) => {
        setAll(page.items);
      },
      (error: unknown) => {
        // The school's plain tutor answers; out of reach, the banner says so.
        if (error instanceof BoxError) toast(problemText(language, problems, error.problem).message);
      },
    );
  }, [returns, language, problems]);
  return all;
}

interface ChooseTutorProps {
  readonly tutors: readonly Persona[];
  readonly chosen: string;
  readonly onChoose: (id: string) => void;
}

/** Whom one asks. */
export function ChooseTutor({ tutors, chosen, onChoose }: ChooseTutorProps) {
  const { t } = useI18n();
  if (tutors.length === 0) return null;
  return (
    <SelectField
      label={t("ask.tutor")}
      value={tutors.some(({ id }) => id === chosen) ? chosen : ""}
      options={[
        { value: "", label: t("ask.tutor_plain") },
        ...tutors.map(({ id, name }) => ({ value: id, label: name })),
      ]}
      onChange={onChoose}
    />
  );
}
