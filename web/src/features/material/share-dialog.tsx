import { useEffect, useState } from "react";
import { problemOf } from "@/api/client";
import { listClasses, shareSource } from "@/api/people";
import type { Problem, SchoolClass, Source } from "@/api/types";
import { useI18n } from "@/lib/i18n/i18n";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Failure } from "@/ui/failure";
import { Check, Form } from "@/ui/form";

interface ShareDialogProps {
  readonly source: Source;
  readonly onShared: (source: Source) => void;
  readonly onClose: () => void;
}

/** Which classes a source is for. */
export function ShareDialog({ source, onShared, onClose }: ShareDialogProps) {
  const { t } = useI18n();
  const [all, setAll] = useState<readonly SchoolClass[]>([]);
  const [chosen, setChosen] = useState<readonly string[]>(source.classes?.map(({ id }) => id) ?? []);
  const [problem, setProblem] = useState<Problem | null>(null);
  const fail = (error: unknown) => {
    setProblem(problemOf(error));
  };
  useEffect(() => {
    listClasses({ limit: 100 }).then((page) => {
      setAll(page.items);
    }, fail);
  }, []);
  return (
    <Dialog title={t("material.share_title")} onClose={onClose}>
      <Form
        onSubmit={async () => {
          try {
            onShared(await shareSource(source.id, chosen));
            onClose();
          } catch (error) {
            fail(error);
          }
        }}
      >
        {(busy) => (
          <>
            <p>{t("material.share_text")}</p>
            <Failure problem={problem} />
            {all.map(({ id, name }) => (
              <Check
                key={id}
                label={name}
                checked={chosen.includes(id)}
                onChange={(on) => {
                  setChosen(on ? [...chosen, id] : chosen.filter((one) => one !== id));
                }}
              />
            ))}
            <p>
              <Button type="submit" look="primary" disabled={busy}>
                {t("people.save")}
              </Button>
            </p>
          </>
        )}
      </Form>
    </Dialog>
  );
}
