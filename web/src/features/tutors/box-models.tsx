import { useEffect, useState } from "react";
import { problemOf } from "@/api/client";
import { listBoxModels } from "@/api/tutors";
import type { BoxModel, Problem } from "@/api/types";
import { fileSize } from "@/lib/format";
import { useI18n } from "@/lib/i18n/i18n";
import { Badge } from "@/ui/badge";
import { Failure } from "@/ui/failure";
import { formStyles as styles } from "@/ui/form";
import { Spinner } from "@/ui/spinner";

/** The box's own models, and those that it could have: licences, notices, and how they did in the self-test. */
export function BoxModels() {
  const { t } = useI18n();
  const [models, setModels] = useState<readonly BoxModel[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    listBoxModels().then(
      (list) => {
        setModels(list.models);
      },
      (error: unknown) => {
        setProblem(problemOf(error));
      },
    );
  }, []);
  const here = models?.filter(({ installed }) => installed) ?? [];
  const others = models?.filter(({ installed }) => !installed) ?? [];
  return (
    <section>
      <h2>{t("models.here")}</h2>
      <Failure problem={problem} />
      {!models && !problem && <Spinner label={t("state.loading")} />}
      {models && here.length === 0 && <p>{t("models.none_here")}</p>}
      <ModelList models={here} />
      {others.length > 0 && (
        <details>
          <summary>{t("models.others", { count: others.length })}</summary>
          <p>{t("models.others_text")}</p>
          <ModelList models={others} />
        </details>
      )}
    </section>
  );
}

function ModelList({ models }: { readonly models: readonly BoxModel[] }) {
  return (
    <ul className={styles.list}>
      {models.map((model) => (
        <ModelItem key={model.file} model={model} />
      ))}
    </ul>
  );
}

function ModelItem({ model }: { readonly model: BoxModel }) {
  const { t, language } = useI18n();
  const test = model.test;
  return (
    <li className={styles.item}>
      <div className={styles.grow}>
        <strong>{model.name}</strong> {model.in_use && <Badge tone="good">{t("models.in_use")}</Badge>}
        <br />
        <span className={styles.soft}>
          {t(`models.for.${model.kind}`)}
          {" · "}
          {fileSize(language, model.size)}
          {" · "}
          {t("models.memory", { size: fileSize(language, model.memory) })}
          {" · "}
          {t("models.licence", { name: model.licence })}
        </span>
        {model.installed && model.kind === "chat" && (
          <p>
            {test
              ? t("models.test", {
                  right: test.right,
                  total: test.total,
                  wrong: test.wrong,
                  seconds: test.seconds.toLocaleString(language, { maximumFractionDigits: 1 }),
                })
              : t("models.untested")}
          </p>
        )}
        {model.notice !== undefined && (
          <p>
            <strong>{model.notice}</strong>
          </p>
        )}
        {model.terms !== undefined && (
          <p>
            {model.terms} {model.terms_url}
          </p>
        )}
        {!model.installed && (
          <p>
            <code className={styles.fingerprint}>
              {`bwenge models pull ${model.file}${model.terms === undefined ? "" : " --accept-terms"}`}
            </code>
          </p>
        )}
      </div>
    </li>
  );
}
