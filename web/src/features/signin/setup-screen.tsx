import { useEffect, useState, type ComponentType } from "react";
import { problemOf } from "@/api/client";
import { qrUrl, register } from "@/api/door";
import { addSample, cardsUrl } from "@/api/people";
import { enterHere } from "@/api/session";
import type { BoxInfo, Me, Problem } from "@/api/types";
import { useI18n } from "@/lib/i18n/i18n";
import { languages, type Language } from "@/lib/i18n/plural";
import { tab } from "@/lib/storage";
import { Button, buttonClass } from "@/ui/button";
import { Failure } from "@/ui/failure";
import { SelectField } from "@/ui/field";
import { Check, Form, formStyles as styles, TextField } from "@/ui/form";
import { PageTitle } from "@/ui/page-title";
import { PlainPage } from "./plain-page";
import { isComplete, noAccount, StaffFields } from "./staff-fields";

/** What the roster panel of the people feature needs and tells. */
export interface RosterProps {
  readonly newClass: boolean;
  readonly onDone: (classId: string | undefined, count: number) => void;
}

interface SetupProps {
  readonly box: BoxInfo;
  /** The owner, once there is one. */
  readonly me: Me | null;
  readonly Roster: ComponentType<RosterProps>;
}

type Step = "school" | "owner" | "class" | "ready";

/** How far one came, kept with the tab over a reload; the password is not. */
interface Progress {
  readonly step: Step;
  readonly school: string;
  readonly name: string;
  readonly login: string;
  readonly made: { readonly id: string; readonly count: number } | null;
}

const progressKey = "bwenge.setup";
const nothing: Progress = { step: "school", school: "", name: "", login: "", made: null };

function readProgress(signedIn: boolean): Progress {
  let kept = nothing;
  try {
    kept = { ...nothing, ...(JSON.parse(tab.get(progressKey) ?? "{}") as Partial<Progress>) };
  } catch {
    // Begins anew.
  }
  const before = kept.step === "school" || kept.step === "owner";
  if (signedIn) return before ? { ...kept, step: "class" } : kept;
  return before ? kept : nothing;
}

const languageNames = (Object.entries(languages) as [Language, string][]).map(([value, label]) => ({
  value,
  label,
  lang: value,
}));

/** The first boot: the school, its owner, a first class, and how tablets get here. */
export default function SetupScreen({ box, me, Roster }: SetupProps) {
  const { t, language, setLanguage } = useI18n();
  const [first] = useState(() => readProgress(me !== null));
  const [step, setStep] = useState<Step>(first.step);
  const [school, setSchool] = useState(first.school);
  const [code, setCode] = useState("");
  // Kept here, so that going back to correct the code loses nothing.
  const [account, setAccount] = useState({ ...noAccount, name: first.name, login: first.login });
  const [made, setMade] = useState(first.made);
  const { name, login } = account;
  useEffect(() => {
    tab.set(progressKey, JSON.stringify({ step, school, name, login, made } satisfies Progress));
  }, [step, school, name, login, made]);
  switch (step) {
    case "school":
      return (
        <PlainPage>
          <Form
            onSubmit={() => {
              setStep("owner");
              return Promise.resolve();
            }}
          >
            {() => (
              <>
                <PageTitle>{t("setup.title")}</PageTitle>
                <p>{t("setup.text")}</p>
                <SelectField
                  label={t("settings.language")}
                  labelled
                  value={language}
                  options={languageNames}
                  onChange={(next) => {
                    void setLanguage(next);
                  }}
                />
                <TextField label={t("setup.school")} value={school} onChange={setSchool} autoComplete="organization" />
                {box.claim_code_needed && (
                  <>
                    <p>{t("setup.claim_text")}</p>
                    <TextField
                      label={t("setup.claim")}
                      value={code}
                      onChange={setCode}
                      autoComplete="off"
                      maxLength={20}
                    />
                  </>
                )}
                <p>
                  <Button
                    type="submit"
                    look="primary"
                    disabled={school.trim() === "" || (box.claim_code_needed && code.trim() === "")}
                  >
                    {t("signin.next")}
                  </Button>
                </p>
              </>
            )}
          </Form>
        </PlainPage>
      );
    case "owner":
      return (
        <Owner
          box={box}
          school={school}
          code={code}
          account={account}
          onAccount={setAccount}
          onBack={() => {
            setStep("school");
          }}
          onDone={() => {
            setStep("class");
          }}
        />
      );
    case "class":
      return (
        <PlainPage>
          <section className={styles.form}>
            <PageTitle>{t("setup.class_title")}</PageTitle>
            <p>{t("setup.class_text")}</p>
            <Roster
              newClass
              onDone={(id, count) => {
                if (id !== undefined) setMade({ id, count });
                setStep("ready");
              }}
            />
            <p>
              <Button
                look="quiet"
                onClick={() => {
                  setStep("ready");
                }}
              >
                {t("setup.later")}
              </Button>
            </p>
          </section>
        </PlainPage>
      );
    case "ready":
      return <Ready box={box} made={made} />;
  }
}

interface OwnerProps {
  readonly box: BoxInfo;
  readonly school: string;
  readonly code: string;
  readonly account: typeof noAccount;
  readonly onAccount: (account: typeof noAccount) => void;
  readonly onBack: () => void;
  readonly onDone: () => void;
}

function Owner({ box, school, code, account, onAccount, onBack, onDone }: OwnerProps) {
  const { t, language } = useI18n();
  const [plain, setPlain] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  return (
    <PlainPage>
      <Form
        onSubmit={async () => {
          setProblem(null);
          try {
            const signedIn = await register({
              school_name: school,
              language,
              ...account,
              ...(plain && { allow_plain_passwords: true }),
              ...(box.claim_code_needed && { claim_code: code }),
            });
            onDone();
            enterHere(signedIn, { ...box, setup_needed: false });
          } catch (error) {
            setProblem(problemOf(error));
          }
        }}
      >
        {(busy) => (
          <>
            <PageTitle>{t("setup.owner_title")}</PageTitle>
            <p>{t("setup.owner_text")}</p>
            {!box.secure && (
              <div className={styles.field}>
                <p>{t("signin.plain")}</p>
                {box.https_url !== undefined && (
                  <p>
                    <a href={box.https_url}>{t("signin.to_secure")}</a> · <a href="/trust">{t("signin.trust")}</a>
                  </p>
                )}
                <Check label={t("setup.allow_plain")} checked={plain} onChange={setPlain} />
              </div>
            )}
            <Failure problem={problem} />
            <StaffFields account={account} onChange={onAccount} />
            <p className={styles.row}>
              <Button type="submit" look="primary" disabled={busy || !isComplete(account) || (!box.secure && !plain)}>
                {t("setup.create")}
              </Button>
              {problem?.reason?.startsWith("claim_code") === true && (
                <Button onClick={onBack}>{t("setup.claim")}</Button>
              )}
            </p>
          </>
        )}
      </Form>
    </PlainPage>
  );
}

function Ready({ box, made }: { readonly box: BoxInfo; readonly made: { id: string; count: number } | null }) {
  const { t, language } = useI18n();
  const [sample, setSample] = useState<"no" | "adding" | "added">("no");
  const [problem, setProblem] = useState<Problem | null>(null);
  return (
    <PlainPage>
      <section className={styles.form}>
        <PageTitle>{t("setup.ready_title")}</PageTitle>
        {made && (
          <p className={styles.row}>
            <span>{t("setup.made", { count: made.count })}</span>
            <a className={buttonClass("primary")} href={cardsUrl(made.id)} target="_blank" rel="noreferrer">
              {t("people.cards")}
            </a>
          </p>
        )}
        <p>{t("setup.tablets")}</p>
        <img className={styles.qr} src={qrUrl("/")} alt={t("setup.qr")} />
        <p>
          <strong>{box.address}</strong>
        </p>
        <Failure problem={problem} />
        <div className={styles.row}>
          <Button
            disabled={sample !== "no"}
            onClick={() => {
              setSample("adding");
              addSample(language).then(
                () => {
                  setSample("added");
                },
                (error: unknown) => {
                  setSample("no");
                  setProblem(problemOf(error));
                },
              );
            }}
          >
            {sample === "added" ? t("setup.sample_added") : t("setup.sample")}
          </Button>
          <Button
            look="primary"
            onClick={() => {
              tab.set(progressKey, null);
              window.location.assign("/");
            }}
          >
            {t("setup.finish")}
          </Button>
        </div>
      </section>
    </PlainPage>
  );
}
