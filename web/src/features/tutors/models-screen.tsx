import { useEffect, useState } from "react";
import { problemOf } from "@/api/client";
import { addKey, endKey, getModels, getUsage, listKeys, setModels, tryModel } from "@/api/tutors";
import { atLeast } from "@/api/session";
import type { APIKey, Me, ModelSettings, Problem, Provider, Usage } from "@/api/types";
import { newId } from "@/lib/id";
import { useI18n } from "@/lib/i18n/i18n";
import { Button } from "@/ui/button";
import { Callout } from "@/ui/callout";
import { Card } from "@/ui/card";
import { Failure } from "@/ui/failure";
import { SelectField } from "@/ui/field";
import { Check, Form, formStyles as styles, TextField } from "@/ui/form";
import { toast } from "@/ui/live";
import { PageTitle } from "@/ui/page-title";
import { Spinner } from "@/ui/spinner";
import { BoxModels } from "./box-models";

/** Which models the tutor may ask, what they cost, and keys for programs. */
export default function ModelsScreen({ me }: { readonly me: Me }) {
  const { t } = useI18n();
  const [settings, setSettings] = useState<ModelSettings | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    getModels().then(setSettings, (error: unknown) => {
      setProblem(problemOf(error));
    });
  }, []);
  if (!settings) return problem ? <Failure problem={problem} /> : <Spinner label={t("state.loading")} />;
  const owner = atLeast(me, "owner");
  const set = (change: Partial<ModelSettings>) => {
    setSettings({ ...settings, ...change });
  };
  const change = (id: string, next: Partial<Provider>) => {
    set({ providers: settings.providers.map((one) => (one.id === id ? { ...one, ...next } : one)) });
  };
  const budget = (name: "tokens" | "cost" | "pupil_tokens", label: string) => (
    <TextField
      label={label}
      type="number"
      min={0}
      value={String(settings.budget[name] ?? 0)}
      onChange={(value) => {
        set({ budget: { ...settings.budget, [name]: Number(value) } });
      }}
    />
  );
  return (
    <div className={styles.page}>
      <PageTitle>{t("models.title")}</PageTitle>
      <p>{t("models.text")}</p>
      <BoxModels />
      <Form
        onSubmit={async () => {
          setProblem(null);
          try {
            setSettings(await setModels(settings));
            toast(t("tutor.saved"));
          } catch (error) {
            setProblem(problemOf(error));
          }
        }}
      >
        {(busy) => (
          <>
            {settings.providers.map((provider) => (
              <ProviderFields
                key={provider.id}
                provider={provider}
                first={
                  settings.order.indexOf(provider.id) < settings.order.indexOf("box") &&
                  settings.order.includes(provider.id)
                }
                onChange={(next) => {
                  change(provider.id, next);
                }}
                onFirst={(first) => {
                  const others = settings.order.filter((id) => id !== provider.id);
                  set({ order: first ? [provider.id, ...others] : [...others, provider.id] });
                }}
                onRemove={() => {
                  set({
                    providers: settings.providers.filter(({ id }) => id !== provider.id),
                    order: settings.order.filter((id) => id !== provider.id),
                  });
                }}
              />
            ))}
            <p>
              <Button
                disabled={!owner}
                onClick={() => {
                  const id = `p-${newId().slice(0, 8).toLowerCase()}`;
                  set({
                    providers: [
                      ...settings.providers,
                      { id, name: "", kind: "server", model: "", allow_external: false },
                    ],
                    order: [...settings.order, id],
                  });
                }}
              >
                {t("models.add")}
              </Button>
            </p>
            <fieldset className={styles.form}>
              <legend>{t("models.budget")}</legend>
              {budget("tokens", t("models.budget_tokens"))}
              {budget("cost", t("models.budget_cost"))}
              {budget("pupil_tokens", t("models.budget_pupil"))}
            </fieldset>
            <Failure problem={problem} />
            <p>
              <Button type="submit" look="primary" disabled={busy || !owner}>
                {t("tutor.save")}
              </Button>
            </p>
          </>
        )}
      </Form>
      <UsageTable />
      <Keys />
    </div>
  );
}

interface ProviderFieldsProps {
  readonly provider: Provider;
  readonly first: boolean;
  readonly onChange: (change: Partial<Provider>) => void;
  readonly onFirst: (first: boolean) => void;
  readonly onRemove: () => void;
}

function ProviderFields({ provider, first, onChange, onFirst, onRemove }: ProviderFieldsProps) {
  const { t } = useI18n();
  const [offers, setOffers] = useState<readonly string[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  return (
    <Card>
      <TextField
        label={t("tutor.name")}
        value={provider.name}
        onChange={(name) => {
          onChange({ name });
        }}
      />
      <SelectField
        labelled
        label={t("models.kind")}
        value={provider.kind}
        options={[
          { value: "server", label: t("models.kind.server") },
          { value: "openai", label: "OpenAI" },
          { value: "gemini", label: "Gemini" },
        ]}
        onChange={(kind) => {
          onChange({ kind });
        }}
      />
      <TextField
        label={t("models.address")}
        value={provider.url ?? ""}
        placeholder={provider.kind === "server" ? "http://192.168.1.20:8080/v1" : ""}
        maxLength={300}
        onChange={(url) => {
          onChange({ url });
        }}
      />
      <TextField
        label={t("models.model")}
        value={provider.model}
        onChange={(model) => {
          onChange({ model });
        }}
      />
      <TextField
        label={t("models.key")}
        type="password"
        autoComplete="off"
        maxLength={400}
        hint={provider.has_key && t("models.key_kept")}
        value={provider.key ?? ""}
        onChange={(key) => {
          onChange({ key });
        }}
      />
      <div className={styles.row}>
        <TextField
          label={t("models.price_prompt")}
          type="number"
          min={0}
          value={String(provider.price_prompt ?? 0)}
          onChange={(price) => {
            onChange({ price_prompt: Number(price) });
          }}
        />
        <TextField
          label={t("models.price_completion")}
          type="number"
          min={0}
          value={String(provider.price_completion ?? 0)}
          onChange={(price) => {
            onChange({ price_completion: Number(price) });
          }}
        />
      </div>
      <Check
        label={t("models.allow_external")}
        checked={provider.allow_external}
        onChange={(allow_external) => {
          onChange({ allow_external });
        }}
      />
      <Check label={t("models.first")} checked={first} onChange={onFirst} />
      <div className={styles.row}>
        <Button
          onClick={() => {
            setProblem(null);
            tryModel(provider).then(
              ({ models }) => {
                setOffers(models);
              },
              (error: unknown) => {
                setProblem(problemOf(error));
              },
            );
          }}
        >
          {t("models.try")}
        </Button>
        <Button look="danger" onClick={onRemove}>
          {t("models.remove")}
        </Button>
      </div>
      {offers && <p role="status">{t("models.offers", { names: offers.join(", ") })}</p>}
      <Failure problem={problem} />
    </Card>
  );
}

function UsageTable() {
  const { t, language } = useI18n();
  const [total, setTotal] = useState<readonly Usage[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    getUsage().then(
      (report) => {
        setTotal(report.total);
      },
      (error: unknown) => {
        setProblem(problemOf(error));
      },
    );
  }, []);
  const number = (n: number) => n.toLocaleString(language, { maximumFractionDigits: 2 });
  return (
    <section>
      <h2>{t("models.usage")}</h2>
      <Failure problem={problem} />
      {problem ? null : total.length === 0 ? (
        <p>{t("models.nothing")}</p>
      ) : (
        <div style={{ overflowX: "auto" }}>
          <table>
            <thead>
              <tr>
                <th>{t("models.model")}</th>
                <th>{t("models.requests")}</th>
                <th>{t("models.tokens")}</th>
                <th>{t("models.seconds")}</th>
                <th>{t("models.cost")}</th>
              </tr>
            </thead>
            <tbody>
              {total.map((u) => (
                <tr key={`${u.provider} ${u.model}`}>
                  <td>
                    {u.provider === "box" ? t("models.box") : u.provider}: {u.model}
                  </td>
                  <td>{number(u.requests)}</td>
                  <td>
                    {number(u.prompt_tokens)} / {number(u.completion_tokens)}
                  </td>
                  <td>{number(u.seconds)}</td>
                  <td>{number(u.cost)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

/** How long a key may be good, in days. */
const lives = ["7", "30", "90", "365", "1095"] as const;

function Keys() {
  const { t, language } = useI18n();
  const [keys, setKeys] = useState<readonly APIKey[]>([]);
  const [name, setName] = useState("");
  const [days, setDays] = useState<(typeof lives)[number]>("365");
  const [secret, setSecret] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const fail = (error: unknown) => {
    setProblem(problemOf(error));
  };
  const load = () => {
    listKeys().then((all) => {
      setKeys(all.keys);
    }, fail);
  };
  useEffect(load, []);
  return (
    <section>
      <h2>{t("keys.title")}</h2>
      <p>{t("keys.text", { address: `${window.location.origin}/v1` })}</p>
      <Failure problem={problem} />
      {secret !== "" && (
        <Callout tone="sun" title={t("keys.once")}>
          <code className={styles.fingerprint}>{secret}</code>
        </Callout>
      )}
      <ul className={styles.list}>
        {keys.map((key) => (
          <li key={key.id} className={styles.item}>
            <span className={styles.grow}>
              <strong>{key.name}</strong> {key.prefix}…
              <br />
              <span className={styles.soft}>
                {key.last_used_at === undefined
                  ? t("keys.unused")
                  : new Date(key.last_used_at).toLocaleString(language)}
                {" · "}
                {key.ended === undefined
                  ? t("keys.until", { date: new Date(key.expires_at).toLocaleDateString(language) })
                  : t(`keys.${key.ended}`)}
              </span>
            </span>
            <Button
              look="danger"
              onClick={() => {
                endKey(key.id).then(load, fail);
              }}
            >
              {t("keys.end")}
            </Button>
          </li>
        ))}
      </ul>
      <Form
        onSubmit={async () => {
          try {
            setSecret((await addKey(name, Number(days))).secret);
            setName("");
            load();
          } catch (error) {
            fail(error);
          }
        }}
      >
        {(busy) => (
          <div className={styles.row}>
            <div className={styles.grow}>
              <TextField label={t("keys.name")} value={name} onChange={setName} />
            </div>
            <SelectField
              label={t("keys.days")}
              value={days}
              onChange={setDays}
              options={lives.map((value) => ({ value, label: t("keys.day_count", { count: Number(value) }) }))}
            />
            <Button type="submit" disabled={busy || name.trim() === ""}>
              {t("keys.add")}
            </Button>
          </div>
        )}
      </Form>
    </section>
  );
}
