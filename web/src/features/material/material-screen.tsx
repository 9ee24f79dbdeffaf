import { useState } from "react";
import { problemOf } from "@/api/client";
import { cancelSource, deleteSource, retrySource } from "@/api/material";
import type { Source, Status } from "@/api/types";
import { problemText } from "@/lib/i18n/problem";
import { useI18n } from "@/lib/i18n/i18n";
import { useDelayed } from "@/lib/use-delayed";
import { Button } from "@/ui/button";
import { Callout } from "@/ui/callout";
import { EmptyState } from "@/ui/empty-state";
import { SearchField, SelectField } from "@/ui/field";
import { WarningIcon } from "@/ui/icons";
import { toast } from "@/ui/live";
import { Spinner } from "@/ui/spinner";
import { SourceRow } from "./source-row";
import { UploadPanel } from "./upload-panel";
import { useSources } from "./use-sources";
import styles from "./material-screen.module.css";

const statuses = ["", "ready", "processing", "queued", "failed", "cancelled"] as const satisfies readonly (
  Status | ""
)[];

/** teaches: may add and remove; else the material is only there to be read. */
export default function MaterialScreen({ teaches }: { readonly teaches: boolean }) {
  const { t, language, problems } = useI18n();
  const [search, setSearch] = useState("");
  const [status, setStatus] = useState<Status | "">("");
  const wanted = useDelayed(search.trim(), 250);
  const { list, loading, problem, loadMore, put, drop } = useSources({ search: wanted, status });
  const filtered = wanted !== "" || status !== "";
  const broken = problem && problemText(language, problems, problem);

  const act = async (source: Source, action: (id: string) => Promise<Source>) => {
    try {
      put(await action(source.id));
    } catch (error) {
      const { message, hint } = problemText(language, problems, problemOf(error));
      toast([message, hint].filter(Boolean).join(" "));
    }
  };
  const remove = async (source: Source) => {
    try {
      await deleteSource(source.id);
      drop(source.id);
      toast(t("material.deleted", { title: source.title }));
    } catch (error) {
      toast(problemText(language, problems, problemOf(error)).message);
    }
  };

  return (
    <div className={styles.screen}>
      <div className={styles.intro}>
        <h1>{t("material.title")}</h1>
        <p>{t("material.intro")}</p>
      </div>
      {teaches && <UploadPanel />}
      <section className={styles.section} aria-label={t("material.list")}>
        <div className={styles.filters}>
          <SearchField label={t("material.search")} value={search} onChange={setSearch} />
          <SelectField
            label={t("material.filter")}
            value={status}
            options={statuses.map((value) => ({
              value,
              label: value === "" ? t("material.all") : t(`status.${value}`),
            }))}
            onChange={setStatus}
          />
        </div>
        {broken && (
          <Callout tone="bad" icon={<WarningIcon />} title={broken.message}>
            {broken.hint}
          </Callout>
        )}
        {loading && list.items.length === 0 && <Spinner label={t("state.loading")} />}
        {!loading && !problem && list.items.length === 0 && (
          <EmptyState title={filtered ? t("material.none_found") : t("material.none")}>
            {filtered ? t("material.none_found_text") : t("material.none_text")}
          </EmptyState>
        )}
        {list.items.length > 0 && (
          <>
            <p className={styles.count}>{t("material.count", { count: list.total })}</p>
            <ul className={styles.list}>
              {list.items.map((source) => (
                <SourceRow
                  onShared={put}
                  key={source.id}
                  source={source}
                  onRetry={() => {
                    void act(source, retrySource);
                  }}
                  onCancel={() => {
                    void act(source, cancelSource);
                  }}
                  onDelete={() => {
                    void remove(source);
                  }}
                />
              ))}
            </ul>
          </>
        )}
        {list.next !== undefined && <Button onClick={loadMore}>{t("action.more")}</Button>}
      </section>
    </div>
  );
}
