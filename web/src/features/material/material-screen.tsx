import { useCallback, useEffect, useState } from "react";
import { problemOf } from "@/api/client";
import { cancelSource, deleteSource, retrySource } from "@/api/material";
import type { Source, Status } from "@/api/types";
import { problemText } from "@/lib/i18n/problem";
import { useI18n } from "@/lib/i18n/i18n";
import { navigate, useLocation } from "@/lib/router";
import { useDelayed } from "@/lib/use-delayed";
import { Button } from "@/ui/button";
import { Callout } from "@/ui/callout";
import { EmptyState } from "@/ui/empty-state";
import { SearchField, SelectField } from "@/ui/field";
import { WarningIcon } from "@/ui/icons";
import { toast } from "@/ui/live";
import { PageTitle } from "@/ui/page-title";
import { Spinner } from "@/ui/spinner";
import { DeletedList } from "./deleted-list";
import { useLabels } from "./edit-dialog";
import { ManyBar } from "./many-bar";
import { SourceRow } from "./source-row";
import { UploadPanel } from "./upload-panel";
import { useSources } from "./use-sources";
import styles from "./material-screen.module.css";

const statuses = ["", "ready", "processing", "queued", "failed", "cancelled"] as const satisfies readonly (
  Status | ""
)[];

const sorts = ["newest", "oldest", "name", "largest"] as const;

/** teaches: may add and remove; else the material is only there to be read. */
export default function MaterialScreen({ teaches }: { readonly teaches: boolean }) {
  const { t, language, problems } = useI18n();
  const { query } = useLocation();
  const [search, setSearch] = useState(query.get("search") ?? "");
  const wanted = useDelayed(search.trim(), 250);
  const status = statuses.find((known) => known === query.get("status")) ?? "";
  const sort = sorts.find((known) => known === query.get("sort")) ?? "newest";
  const [subject, grade, folder] = ["subject", "grade", "folder"].map((name) => query.get(name) ?? "") as [
    string,
    string,
    string,
  ];
  const { list, loading, problem, loadMore, put, drop, refresh } = useSources({
    search: wanted,
    status,
    subject,
    grade,
    folder,
    sort,
  });
  const filtered = wanted !== "" || status !== "" || subject !== "" || grade !== "" || folder !== "";
  const labels = useLabels();
  const [choosing, setChoosing] = useState(false);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [trash, setTrash] = useState(false);
  const setFilter = useCallback((name: string, value: string) => {
    const now = new URLSearchParams(window.location.search);
    if (value === "") now.delete(name);
    else now.set(name, value);
    const text = now.toString();
    navigate(text === "" ? "/material" : `/material?${text}`, { replace: true });
  }, []);
  const asked = query.get("search") ?? "";
  useEffect(() => {
    if (wanted !== asked) setFilter("search", wanted);
  }, [wanted, asked, setFilter]);
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
        <PageTitle>{t("material.title")}</PageTitle>
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
            onChange={(value) => {
              setFilter("status", value);
            }}
          />
          <SelectField
            label={t("sort.label")}
            value={sort}
            options={sorts.map((value) => ({ value, label: t(`sort.${value}`) }))}
            onChange={(value) => {
              setFilter("sort", value === "newest" ? "" : value);
            }}
          />
          {(
            [
              ["subject", subject, labels.subjects],
              ["grade", grade, labels.grades],
              ["folder", folder, labels.folders],
            ] as const
          ).map(
            ([name, value, values]) =>
              (values.length > 0 || value !== "") && (
                <SelectField
                  key={name}
                  label={t(`edit.${name}`)}
                  value={value}
                  options={[
                    { value: "", label: t(`filter.${name}`) },
                    ...[...new Set([...values, ...(value === "" ? [] : [value])])].map((one) => ({
                      value: one,
                      label: one,
                    })),
                  ]}
                  onChange={(one) => {
                    setFilter(name, one);
                  }}
                />
              ),
          )}
        </div>
        {teaches && (
          <p className={styles.filters}>
            <Button
              look="quiet"
              onClick={() => {
                setChoosing(!choosing);
                setChosen([]);
              }}
            >
              {t(choosing ? "many.stop" : "many.choose")}
            </Button>
            <Button
              look="quiet"
              onClick={() => {
                setTrash(true);
              }}
            >
              {t("trash.title")}
            </Button>
          </p>
        )}
        {choosing && (
          <ManyBar
            chosen={chosen}
            onAll={() => {
              setChosen(
                list.items
                  .filter(({ may_change: may }) => may)
                  .map(({ id }) => id)
                  .slice(0, 200),
              );
            }}
            onDone={() => {
              setChosen([]);
              refresh();
            }}
          />
        )}
        {trash && (
          <DeletedList
            onBack={refresh}
            onClose={() => {
              setTrash(false);
            }}
          />
        )}
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
                  choosing={choosing}
                  chosen={chosen.includes(source.id)}
                  onChoose={(on) => {
                    setChosen(on ? [...chosen, source.id] : chosen.filter((id) => id !== source.id));
                  }}
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
