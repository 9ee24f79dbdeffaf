import { useEffect, useState } from "react";
import { problemOf } from "@/api/client";
import { estimateArchive, getArchive, takeArchive } from "@/api/material";
import type { ArchiveEstimate, ArchiveSelection, ArchiveState, Source } from "@/api/types";
import { fileSize, roughly } from "@/lib/format";
import { useI18n } from "@/lib/i18n/i18n";
import { formatNumber } from "@/lib/i18n/translate";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Failure } from "@/ui/failure";
import { SelectField } from "@/ui/field";
import { Form, TextField } from "@/ui/form";
import { Progress } from "@/ui/progress";
import { Spinner } from "@/ui/spinner";
import styles from "./source-row.module.css";

interface ArchiveChoiceProps {
  readonly source: Source;
  readonly onTaken: (source: Source) => void;
}

/** A ZIM file that waits: the way to say what is taken in of it. */
export function ArchiveChoice({ source, onTaken }: ArchiveChoiceProps) {
  const { t } = useI18n();
  const [open, setOpen] = useState(false);
  return (
    <p className={styles.buttons}>
      <Button
        look="primary"
        aria-label={t("archive.choose_of", { title: source.title })}
        onClick={() => {
          setOpen(true);
        }}
      >
        {t("archive.choose")}
      </Button>
      {open && (
        <ArchiveDialog
          source={source}
          onTaken={onTaken}
          onClose={() => {
            setOpen(false);
          }}
        />
      )}
    </p>
  );
}

/** How far the vectors of an archive are that is found by its words already. */
export function ArchiveVectors({ source }: { readonly source: Source }) {
  const { t, language } = useI18n();
  const { kind, status, progress, vectors, chunks, title } = source;
  if (kind !== "archive" || status !== "ready" || progress >= 1) return null;
  return (
    <div className={styles.work}>
      <p className={styles.doing}>
        {t("archive.vectors", { done: formatNumber(language, vectors), total: formatNumber(language, chunks) })}
      </p>
      <Progress label={t("material.progress", { title })} value={chunks > 0 ? vectors / chunks : 0} />
    </div>
  );
}

type Way = "whole" | "category" | "prefix" | "first";

export interface Choice {
  readonly way: Way;
  readonly category: string;
  readonly prefix: string;
  readonly first: string;
}

/** What the box is asked for; nothing if the choice is not complete. */
export function selectionOf({ way, category, prefix, first }: Choice): ArchiveSelection | undefined {
  switch (way) {
    case "whole":
      return {};
    case "category":
      return category ? { categories: [category] } : undefined;
    case "prefix":
      return prefix.trim() ? { prefixes: [prefix.trim()] } : undefined;
    case "first": {
      const count = Number(first);
      return Number.isInteger(count) && count > 0 ? { first: count } : undefined;
    }
  }
}

function ArchiveDialog({ source, onTaken, onClose }: ArchiveChoiceProps & { readonly onClose: () => void }) {
  const { t, language } = useI18n();
  const [archive, setArchive] = useState<ArchiveState>();
  const [problem, setProblem] = useState<ReturnType<typeof problemOf> | null>(null);
  const [choice, setChoice] = useState<Choice>({ way: "whole", category: "", prefix: "", first: "1000" });
  const [cost, setCost] = useState<ArchiveEstimate>();

  useEffect(() => {
    const stop = new AbortController();
    getArchive(source.id, stop.signal)
      .then((found) => {
        setArchive(found);
        setCost(found.whole);
        setChoice((before) => ({ ...before, category: found.categories?.[0] ?? "" }));
      })
      .catch((error: unknown) => {
        if (!stop.signal.aborted) setProblem(problemOf(error));
      });
    return () => {
      stop.abort();
    };
  }, [source.id]);

  const choose = (change: Partial<Choice>) => {
    const next = { ...choice, ...change };
    setChoice(next);
    setCost(next.way === "whole" ? archive?.whole : undefined);
  };
  const selection = selectionOf(choice);
  const submit = async () => {
    if (!selection) return;
    setProblem(null);
    try {
      if (!cost) {
        setCost(await estimateArchive(source.id, selection));
        return;
      }
      onTaken(await takeArchive(source.id, selection));
      onClose();
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  const ways: Way[] = archive?.categories?.length
    ? ["whole", "category", "prefix", "first"]
    : ["whole", "prefix", "first"];
  return (
    <Dialog title={t("archive.title")} onClose={onClose}>
      <Failure problem={problem} />
      {!archive && !problem && <Spinner label={t("state.loading")} />}
      {archive && (
        <Form onSubmit={submit}>
          {(busy) => (
            <>
              <p>
                <strong>{archive.title ?? source.title}</strong> {archive.description}
              </p>
              <p>
                {t("archive.holds", {
                  articles: formatNumber(language, archive.articles),
                  pictures: formatNumber(language, archive.pictures),
                  size: fileSize(language, source.bytes),
                })}{" "}
                {[
                  archive.creator && t("archive.by", { name: archive.creator }),
                  archive.license && t("archive.licence", { name: archive.license }),
                  archive.language,
                  archive.date,
                ]
                  .filter(Boolean)
                  .join(" · ")}
              </p>
              <SelectField
                labelled
                label={t("archive.what")}
                value={choice.way}
                options={ways.map((value) => ({ value, label: t(`archive.${value}`) }))}
                onChange={(way) => {
                  choose({ way });
                }}
              />
              {choice.way === "category" && (
                <SelectField
                  labelled
                  label={t("archive.category_name")}
                  value={choice.category}
                  options={(archive.categories ?? []).map((value) => ({ value, label: value }))}
                  onChange={(category) => {
                    choose({ category });
                  }}
                />
              )}
              {choice.way === "prefix" && (
                <TextField
                  label={t("archive.prefix_text")}
                  value={choice.prefix}
                  onChange={(prefix) => {
                    choose({ prefix });
                  }}
                />
              )}
              {choice.way === "first" && (
                <TextField
                  label={t("archive.first_number")}
                  value={choice.first}
                  inputMode="numeric"
                  onChange={(first) => {
                    choose({ first });
                  }}
                />
              )}
              <div role="status">{cost && <Cost cost={cost} />}</div>
              <p>
                <Button
                  type="submit"
                  look="primary"
                  disabled={busy || !selection || (cost !== undefined && (!cost.fits || cost.articles === 0))}
                >
                  {t(cost ? "archive.take" : "archive.count")}
                </Button>
              </p>
            </>
          )}
        </Form>
      )}
    </Dialog>
  );
}

function Cost({ cost }: { readonly cost: ArchiveEstimate }) {
  const { t, language } = useI18n();
  if (cost.articles === 0) return <p>{t("archive.nothing")}</p>;
  return (
    <>
      <p>
        {t("archive.cost", {
          articles: formatNumber(language, cost.articles),
          size: fileSize(language, cost.disk_bytes),
          text: roughly(t, cost.text_seconds),
          meaning: roughly(t, cost.vector_seconds),
        })}
      </p>
      {!cost.fits && <p>{t("archive.no_room", { size: fileSize(language, cost.free_bytes) })}</p>}
    </>
  );
}
