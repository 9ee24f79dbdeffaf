import { useEffect, useId, useState } from "react";
import { problemOf } from "@/api/client";
import { listLabels, type SourceLabels } from "@/api/material";
import { editSource, type SourceChange } from "@/api/text";
import type { Problem, Source } from "@/api/types";
import { useI18n } from "@/lib/i18n/i18n";
import { languages } from "@/lib/i18n/plural";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Failure } from "@/ui/failure";
import { SelectField } from "@/ui/field";
import { Form, TextField } from "@/ui/form";

const noLabels: SourceLabels = { subjects: [], grades: [], folders: [] };

/** The subjects, grades and folders in use. */
export function useLabels(): SourceLabels {
  const [labels, setLabels] = useState(noLabels);
  useEffect(() => {
    listLabels().then(setLabels, () => undefined); // they are only suggestions
  }, []);
  return labels;
}

interface LabelFieldsProps {
  readonly subject: string;
  readonly grade: string;
  readonly folder: string;
  readonly onChange: (change: { subject?: string; grade?: string; folder?: string }) => void;
}

/** Subject, grade and folder, with those in use as suggestions. */
export function LabelFields({ subject, grade, folder, onChange }: LabelFieldsProps) {
  const { t } = useI18n();
  const labels = useLabels();
  const id = useId();
  const suggestions = (name: string, values: readonly string[]) => (
    <datalist id={`${id}-${name}`}>
      {values.map((value) => (
        <option key={value} value={value} />
      ))}
    </datalist>
  );
  return (
    <>
      <TextField
        label={t("edit.subject")}
        value={subject}
        list={`${id}-subjects`}
        onChange={(value) => {
          onChange({ subject: value });
        }}
      />
      <TextField
        label={t("edit.grade")}
        value={grade}
        list={`${id}-grades`}
        onChange={(value) => {
          onChange({ grade: value });
        }}
      />
      <TextField
        label={t("edit.folder")}
        value={folder}
        list={`${id}-folders`}
        onChange={(value) => {
          onChange({ folder: value });
        }}
      />
      {suggestions("subjects", labels.subjects)}
      {suggestions("grades", labels.grades)}
      {suggestions("folders", labels.folders)}
    </>
  );
}

interface EditDialogProps {
  readonly source: Source;
  readonly onChanged: (source: Source) => void;
  readonly onClose: () => void;
}

/** What a teacher knows of a source better than its file does. */
export function EditDialog({ source, onChanged, onClose }: EditDialogProps) {
  const { t } = useI18n();
  const [problem, setProblem] = useState<Problem | null>(null);
  const first = {
    title: source.title,
    language: source.told_language ?? "",
    subject: source.subject ?? "",
    grade: source.grade ?? "",
    folder: source.folder ?? "",
  };
  const [fields, setFields] = useState(first);
  const set = (change: Partial<typeof first>) => {
    setFields({ ...fields, ...change });
  };
  const save = async () => {
    const change: SourceChange = Object.fromEntries(
      Object.entries(fields).filter(([name, value]) => value !== first[name as keyof typeof first]),
    );
    try {
      onChanged(await editSource(source.id, change));
      onClose();
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  return (
    <Dialog title={t("edit.title")} onClose={onClose}>
      <Form onSubmit={save}>
        {(busy) => (
          <>
            <TextField
              label={t("edit.name")}
              value={fields.title}
              onChange={(title) => {
                set({ title });
              }}
            />
            <SelectField
              label={t("edit.language")}
              labelled
              value={fields.language}
              options={[
                { value: "", label: t("edit.by_text") },
                ...Object.entries(languages).map(([value, label]) => ({ value, label, lang: value })),
              ]}
              onChange={(language) => {
                set({ language });
              }}
            />
            <LabelFields {...fields} onChange={set} />
            <Failure problem={problem} />
            <p>
              <Button type="submit" look="primary" disabled={busy}>
                {t("text.save")}
              </Button>
            </p>
          </>
        )}
      </Form>
    </Dialog>
  );
}
