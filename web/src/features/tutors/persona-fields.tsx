import { useEffect, useState } from "react";
import { problemOf } from "@/api/client";
import { listSources } from "@/api/material";
import { listVoices } from "@/api/tutors";
import type { PersonaContent, Problem, Source, Voice } from "@/api/types";
import { useI18n } from "@/lib/i18n/i18n";
import { languages, type Language } from "@/lib/i18n/plural";
import { Failure } from "@/ui/failure";
import { SelectField } from "@/ui/field";
import { Check, formStyles as styles, TextArea, TextField } from "@/ui/form";

interface PersonaFieldsProps {
  readonly content: PersonaContent;
  readonly onChange: (content: PersonaContent) => void;
}

const ages = ["", "6-8", "9-12", "13-15", "16+"] as const;
const tones = ["friendly", "cheerful", "calm", "serious", "questions"] as const;
const lengths = ["short", "medium", "long"] as const;
const strictness = ["material", "general"] as const;
const languageNames = Object.entries(languages) as [Language, string][];

const lines = (text: string) => text.split("\n");
const text = (list: readonly string[] | undefined) => (list ?? []).join("\n");

/** What a teacher decides about a tutor. */
export function PersonaFields({ content, onChange }: PersonaFieldsProps) {
  const { t } = useI18n();
  const [voices, setVoices] = useState<readonly Voice[]>([]);
  const [sources, setSources] = useState<readonly Source[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    const fail = (error: unknown) => {
      setProblem(problemOf(error));
    };
    listVoices().then((all) => {
      setVoices(all.voices);
    }, fail);
    listSources({ status: "ready", limit: 100 }, new AbortController().signal).then((page) => {
      setSources(page.items);
    }, fail);
  }, []);
  const set = (change: Partial<PersonaContent>) => {
    onChange({ ...content, ...change });
  };
  const chosen = content.sources ?? [];
  return (
    <>
      <Failure problem={problem} />
      <TextField
        label={t("tutor.name")}
        value={content.name}
        maxLength={80}
        onChange={(name) => {
          set({ name });
        }}
      />
      <TextField
        label={t("tutor.subject")}
        value={content.subject ?? ""}
        maxLength={80}
        onChange={(subject) => {
          set({ subject });
        }}
      />
      <SelectField
        labelled
        label={t("tutor.age")}
        value={content.age_group ?? ""}
        options={ages.map((value) => ({ value, label: value === "" ? t("tutor.age.all") : value }))}
        onChange={(age_group) => {
          set({ age_group });
        }}
      />
      <SelectField
        labelled
        label={t("tutor.tone")}
        value={content.tone ?? "friendly"}
        options={tones.map((value) => ({ value, label: t(`tutor.tone.${value}`) }))}
        onChange={(tone) => {
          set({ tone });
        }}
      />
      <SelectField
        labelled
        label={t("tutor.language")}
        value={content.language ?? ""}
        options={[
          { value: "" as const, label: t("tutor.language.asked") },
          ...languageNames.map(([value, label]) => ({ value, label, lang: value })),
        ]}
        onChange={(language) => {
          set({ language });
        }}
      />
      <SelectField
        labelled
        label={t("tutor.length")}
        value={content.length ?? "short"}
        options={lengths.map((value) => ({ value, label: t(`tutor.length.${value}`) }))}
        onChange={(length) => {
          set({ length });
        }}
      />
      <SelectField
        labelled
        label={t("tutor.strict")}
        value={content.strictness ?? "material"}
        options={strictness.map((value) => ({ value, label: t(`tutor.strict.${value}`) }))}
        onChange={(strict) => {
          set({ strictness: strict });
        }}
      />
      <TextField
        label={t("tutor.greeting")}
        value={content.greeting ?? ""}
        maxLength={300}
        onChange={(greeting) => {
          set({ greeting });
        }}
      />
      <TextArea
        label={t("tutor.rules")}
        value={text(content.rules)}
        rows={4}
        maxLength={5000}
        onChange={(rules) => {
          set({ rules: lines(rules) });
        }}
      />
      <span className={styles.hint}>{t("tutor.rules_hint")}</span>
      <TextArea
        label={t("tutor.samples")}
        value={text(content.sample_prompts)}
        rows={3}
        maxLength={2000}
        onChange={(samples) => {
          set({ sample_prompts: lines(samples) });
        }}
      />
      <details>
        <summary>
          {t("tutor.material")}: {chosen.length === 0 ? t("tutor.material_all") : String(chosen.length)}
        </summary>
        {sources.map(({ id, title }) => (
          <Check
            key={id}
            label={title}
            checked={chosen.includes(id)}
            onChange={(on) => {
              set({ sources: on ? [...chosen, id] : chosen.filter((other) => other !== id) });
            }}
          />
        ))}
      </details>
      <details>
        <summary>{t("tutor.voice")}</summary>
        <SelectField
          labelled
          label={t("tutor.voice")}
          value={content.voice?.name ?? ""}
          options={[
            { value: "", label: t("tutor.voice_own") },
            ...voices.map(({ name, language }) => ({ value: name, label: `${name} (${language})` })),
          ]}
          onChange={(name) => {
            set({ voice: { ...content.voice, name } });
          }}
        />
        <TextField
          label={t("tutor.rate")}
          type="number"
          min={80}
          max={300}
          value={String(content.voice?.rate ?? 150)}
          onChange={(rate) => {
            set({ voice: { ...content.voice, rate: Number(rate) } });
          }}
        />
        <TextField
          label={t("tutor.pitch")}
          type="number"
          min={1}
          max={99}
          value={String(content.voice?.pitch ?? 50)}
          onChange={(pitch) => {
            set({ voice: { ...content.voice, pitch: Number(pitch) } });
          }}
        />
      </details>
    </>
  );
}
