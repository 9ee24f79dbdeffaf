import { useCallback, useState } from "react";
import { problemOf } from "@/api/client";
import { bringBackPin, listPins, removePin } from "@/api/feedback";
import type { Me, Pin, Problem } from "@/api/types";
import { usePaged } from "@/api/use-paged";
import { useI18n } from "@/lib/i18n/i18n";
import { placeText } from "@/lib/place";
import { Button } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { Failure } from "@/ui/failure";
import { SearchField } from "@/ui/field";
import { formStyles } from "@/ui/form";
import { PlusIcon } from "@/ui/icons";
import { announce } from "@/ui/live";
import { PageTitle } from "@/ui/page-title";
import { Spinner } from "@/ui/spinner";
import styles from "./feedback.module.css";
import { PinDialog } from "./pin-dialog";

/** The right answers that teachers have pinned to questions. */
export default function PinsScreen({ me }: { readonly me: Me }) {
  const { t } = useI18n();
  const [search, setSearch] = useState("");
  const [removed, setRemoved] = useState<ReadonlySet<string>>(new Set());
  const [editing, setEditing] = useState<Pin | "new" | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const load = useCallback((cursor: string) => listPins({ search, cursor }), [search]);
  const { items, more, problem: failed, reload } = usePaged(load);
  // What is removed stays where it is, with the way back, until the list is asked for anew.
  const remove = (id: string, now: boolean) => {
    const action: Promise<unknown> = now ? removePin(id) : bringBackPin(id);
    action.then(
      () => {
        setRemoved((known) => {
          const next = new Set(known);
          if (now) next.add(id);
          else next.delete(id);
          return next;
        });
        setProblem(null);
        if (now) announce(t("pins.removed"));
      },
      (error: unknown) => {
        setProblem(problemOf(error));
      },
    );
  };
  const pin = editing === "new" ? undefined : (editing ?? undefined);
  return (
    <div className={formStyles.page}>
      <PageTitle>{t("pins.title")}</PageTitle>
      <p>{t("pins.text")}</p>
      <div className={formStyles.row}>
        <Button
          look="primary"
          icon={<PlusIcon />}
          onClick={() => {
            setEditing("new");
          }}
        >
          {t("pins.new")}
        </Button>
      </div>
      <SearchField label={t("pins.search")} value={search} onChange={setSearch} />
      <Failure problem={problem ?? failed} />
      {items === null && !failed && <Spinner label={t("state.loading")} />}
      {items?.length === 0 && <EmptyState title={t(search.trim() === "" ? "pins.none" : "feedback.none_found")} />}
      <ul className={styles.cards}>
        {items?.map((one) => (
          <li key={one.id} className={styles.card}>
            {removed.has(one.id) ? (
              <div className={formStyles.row}>
                <span className={formStyles.soft}>
                  {t("pins.removed")} {one.question}
                </span>
                <Button
                  onClick={() => {
                    remove(one.id, false);
                  }}
                >
                  {t("feedback.undo")}
                </Button>
              </div>
            ) : (
              <>
                <p className={styles.label}>{one.question}</p>
                <p className={styles.answer}>{one.text}</p>
                <p className={formStyles.soft}>
                  {[
                    one.classes.map(({ name }) => name).join(", ") || t("pins.everybody"),
                    one.by !== undefined && t("pins.by", { name: one.by }),
                    ...one.citations.map(
                      ({ source_title: title, source_kind: kind, place }) => `${title} ${placeText(t, kind, place)}`,
                    ),
                  ]
                    .filter(Boolean)
                    .join(" · ")}
                </p>
                {one.may_change && (
                  <div className={formStyles.row}>
                    <Button
                      onClick={() => {
                        setEditing(one);
                      }}
                    >
                      {t("pins.edit")}
                    </Button>
                    <Button
                      onClick={() => {
                        remove(one.id, true);
                      }}
                    >
                      {t("pins.remove")}
                    </Button>
                  </div>
                )}
              </>
            )}
          </li>
        ))}
      </ul>
      {more && <Button onClick={more}>{t("action.more")}</Button>}
      {editing && (
        <PinDialog
          me={me}
          pin={pin}
          draft={{
            question: pin?.question ?? "",
            text: pin?.text ?? "",
            citations: pin?.citations ?? [],
            personaId: pin?.persona_id ?? "",
            classes: pin?.class_ids ?? [],
          }}
          onSaved={reload}
          onClose={() => {
            setEditing(null);
          }}
        />
      )}
    </div>
  );
}
