import { useEffect, useState } from "react";
import { problemOf } from "@/api/client";
import { listClasses } from "@/api/people";
import { sharePersona } from "@/api/tutors";
import type { Persona, Problem, SchoolClass } from "@/api/types";
import { useI18n } from "@/lib/i18n/i18n";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Failure } from "@/ui/failure";
import { Check, Form } from "@/ui/form";

interface ShareTutorProps {
  readonly persona: Persona;
  readonly onShared: (persona: Persona) => void;
  readonly onClose: () => void;
}

/** Which classes a tutor is for. */
export function ShareTutor({ persona, onShared, onClose }: ShareTutorProps) {
  const { t } = useI18n();
  const [all, setAll] = useState<readonly SchoolClass[]>([]);
  const [chosen, setChosen] = useState<readonly string[]>(persona.classes.map(({ id }) => id));
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
    <Dialog title={t("tutor.share")} onClose={onClose}>
      <Form
        onSubmit={async () => {
          try {
            onShared(await sharePersona(persona.id, chosen));
            onClose();
          } catch (error) {
            fail(error);
          }
        }}
      >
        {(busy) => (
          <>
            <p>{t("tutor.share_text")}</p>
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
                {t("tutor.save")}
              </Button>
            </p>
          </>
        )}
      </Form>
    </Dialog>
  );
}
