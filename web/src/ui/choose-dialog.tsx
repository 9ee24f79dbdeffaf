import { useState, type ReactNode } from "react";
import { useI18n } from "@/lib/i18n/i18n";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { Check, Form } from "./form";

interface ChooseDialogProps {
  readonly title: string;
  readonly text: string;
  readonly all: readonly { readonly id: string; readonly name: string }[];
  readonly first: readonly string[];
  /** What went wrong, where it did. */
  readonly failure?: ReactNode;
  /** Resolves to false to stay open. */
  readonly onSave: (chosen: readonly string[]) => Promise<boolean>;
  readonly onClose: () => void;
}

/** Some of a list, each to be ticked. */
export function ChooseDialog({ title, text, all, first, failure, onSave, onClose }: ChooseDialogProps) {
  const { t } = useI18n();
  const [chosen, setChosen] = useState(first);
  return (
    <Dialog title={title} onClose={onClose}>
      <Form
        onSubmit={async () => {
          if (await onSave(chosen)) onClose();
        }}
      >
        {(busy) => (
          <>
            <p>{text}</p>
            {failure}
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
