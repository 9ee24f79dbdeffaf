import { useState } from "react";
import { chooseSchool, problemOf } from "@/api/client";
import { login } from "@/api/door";
import { enter } from "@/api/session";
import type { BoxInfo, Problem } from "@/api/types";
import { useI18n } from "@/lib/i18n/i18n";
import { navigate } from "@/lib/router";
import { Button } from "@/ui/button";
import { Failure } from "@/ui/failure";
import { Form, formStyles as styles, TextField } from "@/ui/form";
import { PageTitle } from "@/ui/page-title";
import { ClassDoor } from "./class-door";
import { PlainPage } from "./plain-page";
import { rememberClass, rememberedClass } from "./remembered";

interface SignInProps {
  readonly box: BoxInfo;
  /** A class code from a link or a card, and the pupil of the card. */
  readonly code?: string | undefined;
  readonly user?: string | undefined;
}

type Step = "choose" | "pupil" | "class" | "staff";

/** "Who are you?": pupils by class code, name and pictures; staff by password. */
export default function SignInScreen({ box, code: given, user }: SignInProps) {
  const [code, setCode] = useState(given ?? rememberedClass() ?? "");
  const [step, setStep] = useState<Step>(code === "" ? "choose" : "class");
  const other = () => {
    rememberClass(null);
    setCode("");
    setStep("choose");
    if (given !== undefined) navigate("/", { replace: true });
  };
  return (
    <PlainPage>
      {step === "choose" && <Choose onStep={setStep} />}
      {step === "pupil" && (
        <ClassCode
          onCode={(typed) => {
            setCode(typed);
            setStep("class");
          }}
          onBack={other}
        />
      )}
      {step === "class" && (
        <>
          <ClassDoor key={code} code={code} user={given === code ? user : undefined} onOther={other} />
          <Staff onStep={setStep} />
        </>
      )}
      {step === "staff" && <StaffForm box={box} onBack={other} />}
    </PlainPage>
  );
}

interface StepProps {
  readonly onStep: (step: Step) => void;
}

function Choose({ onStep }: StepProps) {
  const { t } = useI18n();
  return (
    <section className={styles.form}>
      <PageTitle>{t("signin.title")}</PageTitle>
      <Button
        look="primary"
        onClick={() => {
          onStep("pupil");
        }}
      >
        {t("signin.pupil")}
      </Button>
      <Staff onStep={onStep} />
    </section>
  );
}

function Staff({ onStep }: StepProps) {
  const { t } = useI18n();
  return (
    <Button
      onClick={() => {
        onStep("staff");
      }}
    >
      {t("signin.staff")}
    </Button>
  );
}

function ClassCode({ onCode, onBack }: { readonly onCode: (code: string) => void; readonly onBack: () => void }) {
  const { t } = useI18n();
  const [code, setCode] = useState("");
  return (
    <Form
      onSubmit={() => {
        onCode(code.trim().toUpperCase());
        return Promise.resolve();
      }}
    >
      {() => (
        <>
          <PageTitle>{t("signin.class_title")}</PageTitle>
          <TextField
            label={t("signin.code")}
            hint={t("signin.code_hint")}
            value={code}
            onChange={setCode}
            autoCapitalize="characters"
            autoComplete="off"
            spellCheck={false}
            maxLength={12}
          />
          <div className={styles.row}>
            <Button type="submit" look="primary" disabled={code.trim().length < 4}>
              {t("signin.next")}
            </Button>
            <Button look="quiet" onClick={onBack}>
              {t("signin.back")}
            </Button>
          </div>
        </>
      )}
    </Form>
  );
}

function StaffForm({ box, onBack }: { readonly box: BoxInfo; readonly onBack: () => void }) {
  const { t } = useI18n();
  const [school, setSchool] = useState(box.school?.id ?? "");
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  return (
    <Form
      onSubmit={async () => {
        setProblem(null);
        try {
          if (box.schools.length > 1) chooseSchool(school);
          enter(await login(name, password));
          await new Promise(() => undefined); // until the page is gone
        } catch (error) {
          setProblem(problemOf(error));
        }
      }}
    >
      {(busy) => (
        <>
          <PageTitle>{t("signin.staff_title")}</PageTitle>
          {!box.secure && <SecureHint box={box} />}
          <Failure problem={problem} />
          {box.schools.length > 1 && (
            <div className={styles.field}>
              <label htmlFor="school" className={styles.label}>
                {t("signin.school")}
              </label>
              <select
                id="school"
                className={styles.input}
                value={school}
                onChange={(event) => {
                  setSchool(event.target.value);
                }}
              >
                <option value="">{t("signin.choose_school")}</option>
                {box.schools.map((one) => (
                  <option key={one.id} value={one.id}>
                    {one.name}
                  </option>
                ))}
              </select>
            </div>
          )}
          <TextField
            label={t("signin.login")}
            value={name}
            onChange={setName}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
          />
          <TextField
            label={t("signin.password")}
            type="password"
            value={password}
            onChange={setPassword}
            autoComplete="current-password"
          />
          <div className={styles.row}>
            <Button type="submit" look="primary" disabled={busy || name === "" || password === ""}>
              {t("signin.enter")}
            </Button>
            <Button look="quiet" onClick={onBack}>
              {t("signin.back")}
            </Button>
          </div>
          <p className={styles.soft}>{t("signin.forgot")}</p>
        </>
      )}
    </Form>
  );
}

/** Where a password can be read on the way, and the page where it cannot. */
export function SecureHint({ box }: { readonly box: BoxInfo }) {
  const { t } = useI18n();
  return (
    <p>
      {t("signin.plain")}{" "}
      {box.https_url !== undefined && (
        <a href={`${box.https_url}${window.location.pathname}`}>{t("signin.to_secure")}</a>
      )}{" "}
      <a href="/trust">{t("signin.trust")}</a>
    </p>
  );
}
