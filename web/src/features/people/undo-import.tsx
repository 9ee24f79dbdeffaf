import { useState } from "react";
import { problemOf } from "@/api/client";
import { undoImport } from "@/api/people";
import type { Problem } from "@/api/types";
import { useI18n } from "@/lib/i18n/i18n";
import { Button } from "@/ui/button";
import { Callout } from "@/ui/callout";
import { Failure } from "@/ui/failure";
import { toast } from "@/ui/live";

interface UndoImportProps {
  readonly id: string;
  readonly onUndone: () => void;
}

/** Offers to take back the list that was just loaded. */
export function UndoImport({ id, onUndone }: UndoImportProps) {
  const { t } = useI18n();
  const [problem, setProblem] = useState<Problem | null>(null);
  const undo = async () => {
    try {
      await undoImport(id);
      toast(t("people.undone"));
      onUndone();
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  return (
    <>
      <Failure problem={problem} />
      <Callout tone="sun" action={<Button onClick={() => void undo()}>{t("people.undo")}</Button>}>
        <p>{t("people.loaded")}</p>
      </Callout>
    </>
  );
}
