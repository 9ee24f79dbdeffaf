import { useState, type ComponentType } from "react";
import { problemOf } from "@/api/client";
import { qrUrl, register } from "@/api/door";
import { addSample, cardsUrl } from "@/api/people";
import { enterHere } from "@/api/session";
import type { BoxInfo, Problem } from "@/api/types";
import { useI18n } from "@/lib/i18n/i18n";
import { languages, type Language } from "@/lib/i18n/plural";
import { Button, buttonClass } from "@/ui/button";
import { Failure } from "@/ui/failure";
import { SelectField } from "@/ui/field";
import { Check, Form, formStyles as styles, TextField } from "@/ui/form";
import { PlainPage } from "./plain-page";
import { isComplete, noAccount, StaffFields } from "./staff-fields";

/** What the roster panel of the people feature needs and tells. */
export interface RosterProps {
  readonly newClass: boolean;
  readonly onDone: (classId: string | undefined, count: number) => void;
}

interface SetupProps {
  readonly box: BoxInfo;
  readonly Roster: ComponentType<RosterProps>;
}

type Step = "school" | "owner" | "class" | "ready";

const languageNames = (Object.entries(languages) as [Language, string][]).map(([value, label]) => ({
  value,
  label,
  lang: value,
}));

/** The first boot: the school, its owner, a first class, and how tablets get here. */
export default function SetupScreen({ box, Roster }: SetupProps) {
  const { t, language, setLanguage } = useI18n();
  const [step, setStep] = useState<Step>("school");
  const [school, setSchool] = useState("");
  const [code, setCode] = useState("");
  // Kept here, so that going back to correct the code loses nothing.
  const [account, setAccount] = useState(noAccount);
  const [made, setMade] = useState<{ readonly id: string; readonly count: number } | null>(null);
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
                <h1>{t("setup.title")}</h1>
                <p>{t("setup.text")}</p>
                <SelectField
                  label={t("settings.language")}
                  labelled
                  value={language}
                  options={languageNames}
                  onChange={setLanguage}
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
            <h1>{t("setup.class_title")}</h1>
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
            <h1>{t("setup.owner_title")}</h1>
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
        <h1>{t("setup.ready_title")}</h1>
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
