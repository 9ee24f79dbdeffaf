import { useEffect, useState } from "react";
import { problemOf } from "@/api/client";
import { atLeast } from "@/api/session";
import { addPin, updatePin } from "@/api/feedback";
import { listPersonas } from "@/api/tutors";
import type { Citation, Me, Persona, Pin, PinContent, Problem } from "@/api/types";
import { useSharing } from "@/api/use-sharing";
import { useI18n } from "@/lib/i18n/i18n";
import { placeText } from "@/lib/place";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Failure } from "@/ui/failure";
import { SelectField } from "@/ui/field";
import { Check, Form, TextArea } from "@/ui/form";
import { toast } from "@/ui/live";
import styles from "./feedback.module.css";

/** What a new pin begins with. */
export interface Draft {
  readonly question: string;
  readonly text: string;
  readonly citations: readonly Citation[];
  readonly personaId: string;
  readonly classes: readonly string[];
}

interface PinDialogProps {
  readonly me: Me;
  readonly draft: Draft;
  /** The pin that is changed; absent for a new one. */
  readonly pin?: Pin | undefined;
  readonly onSaved: (pin: Pin) => void;
  readonly onClose: () => void;
}

/** Writes the right answer to a question: for whom, and where it stands. */
export function PinDialog({ me, draft, pin, onSaved, onClose }: PinDialogProps) {
  const { t } = useI18n();
  const { classes, problem, attempt } = useSharing();
  const [question, setQuestion] = useState(draft.question);
  const [text, setText] = useState(draft.text);
  const [passages, setPassages] = useState(draft.citations.map((citation) => citation.chunk_id));
  const [persona, setPersona] = useState(draft.personaId);
  const [chosen, setChosen] = useState(draft.classes);
  const [tutors, setTutors] = useState<readonly Persona[]>([]);
  const [failed, setFailed] = useState<Problem | null>(null);
  const office = atLeast(me, "admin");
  useEffect(() => {
    listPersonas({ limit: 100 }).then(
      ({ items }) => {
        setTutors(items);
      },
      (error: unknown) => {
        setFailed(problemOf(error));
      },
    );
  }, []);
  const save = async () => {
    const content: PinContent = {
      question,
      text,
      passages,
      class_ids: [...chosen],
      ...(persona !== "" && { persona_id: persona }),
    };
    const saved = await attempt((pin ? updatePin(pin.id, content) : addPin(content)).then(onSaved));
    if (!saved) return;
    toast(t("pin.saved"));
    onClose();
  };
  const toggled = <T,>(list: readonly T[], one: T, on: boolean) =>
    on ? [...list, one] : list.filter((other) => other !== one);
  return (
    <Dialog title={t("pin.title")} onClose={onClose}>
      <Form onSubmit={save}>
        {(busy) => (
          <>
            <Failure problem={problem ?? failed} />
            <TextArea label={t("pin.question")} value={question} rows={2} maxLength={4000} onChange={setQuestion} />
            <TextArea label={t("pin.answer")} value={text} rows={5} maxLength={2000} onChange={setText} />
            {draft.citations.length > 0 && (
              <fieldset className={styles.group}>
                <legend>{t("pin.passages")}</legend>
                {draft.citations.map((citation) => (
                  <Check
                    key={citation.chunk_id}
                    label={
                      <>
                        <strong>
                          {citation.source_title} {placeText(t, citation.source_kind, citation.place)}
                        </strong>
                        <br />
                        <span className={styles.quote}>{citation.text}</span>
                      </>
                    }
                    checked={passages.includes(citation.chunk_id)}
                    onChange={(on) => {
                      setPassages(toggled(passages, citation.chunk_id, on));
                    }}
                  />
                ))}
              </fieldset>
            )}
            <fieldset className={styles.group}>
              <legend>{t("pin.classes")}</legend>
              <p>{t(office ? "pin.classes_all" : "pin.classes_some")}</p>
              {classes.map(({ id, name }) => (
                <Check
                  key={id}
                  label={name}
                  checked={chosen.includes(id)}
                  onChange={(on) => {
                    setChosen(toggled(chosen, id, on));
                  }}
                />
              ))}
            </fieldset>
            <SelectField
              labelled
              label={t("pin.tutor")}
              value={persona}
              options={[
                { value: "", label: t("pin.tutor_all") },
                ...tutors.map(({ id, name }) => ({ value: id, label: name })),
              ]}
              onChange={setPersona}
            />
            <p>
              <Button
                type="submit"
                look="primary"
                disabled={
                  busy || question.trim() === "" || text.trim() === "" || (!office && !pin && chosen.length === 0)
                }
              >
                {t("pin.save")}
              </Button>
            </p>
          </>
        )}
      </Form>
    </Dialog>
  );
}
