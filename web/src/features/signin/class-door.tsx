import { useEffect, useState } from "react";
import { BoxError, problemOf } from "@/api/client";
import { classDoor, signInPupil } from "@/api/door";
import { enter } from "@/api/session";
import type { PublicClass as Door, Problem, StudentName } from "@/api/types";
import { useI18n } from "@/lib/i18n/i18n";
import { Button } from "@/ui/button";
import { Failure } from "@/ui/failure";
import { SearchField } from "@/ui/field";
import { Form, formStyles as styles, TextField } from "@/ui/form";
import { PageTitle } from "@/ui/page-title";
import { Spinner } from "@/ui/spinner";
import { PicturesPad } from "./pictures-pad";
import { rememberClass } from "./remembered";

interface ClassDoorProps {
  readonly code: string;
  /** The pupil on whose card the code was, if any. */
  readonly user?: string | undefined;
  readonly onOther: () => void;
}

/** A class's names; one taps their own, then their pictures. */
export function ClassDoor({ code, user, onOther }: ClassDoorProps) {
  const { t } = useI18n();
  const [door, setDoor] = useState<Door | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [search, setSearch] = useState("");
  const [pupil, setPupil] = useState<StudentName | null>(null);

  useEffect(() => {
    let gone = false;
    classDoor(code).then(
      (found) => {
        if (gone) return;
        rememberClass(code);
        setDoor(found);
        setPupil(found.students.find(({ id }) => id === user) ?? null);
      },
      (error: unknown) => {
        if (gone) return;
        if (error instanceof BoxError && error.status === 404) rememberClass(null);
        setProblem(problemOf(error));
      },
    );
    return () => {
      gone = true;
    };
  }, [code, user]);

  const send = async (secret: { pictures?: readonly string[]; pin?: string }) => {
    if (!pupil) return;
    setProblem(null);
    try {
      enter(await signInPupil(code, pupil.id, secret));
      await new Promise(() => undefined); // until the page is gone
    } catch (error) {
      setProblem(problemOf(error));
    }
  };

  if (!door) {
    return (
      <>
        <PageTitle>{t("signin.class_title")}</PageTitle>
        <Failure problem={problem} />
        {problem ? (
          <Button onClick={onOther}>{t("signin.other_class")}</Button>
        ) : (
          <Spinner label={t("state.loading")} />
        )}
      </>
    );
  }
  if (pupil) {
    return (
      <section className={styles.form}>
        <PageTitle>{t("signin.hello", { name: pupil.name })}</PageTitle>
        <p>{pupil.sign_in === "pin" ? t("signin.pin_text") : t("signin.pictures_text", { count: pupil.pictures })}</p>
        <Failure problem={problem} />
        {pupil.sign_in === "pin" ? (
          <Pin onPin={(pin) => send({ pin })} />
        ) : (
          <PicturesPad count={pupil.pictures} onChosen={(pictures) => send({ pictures })} />
        )}
        <p>
          <Button
            onClick={() => {
              setPupil(null);
              setProblem(null);
            }}
          >
            {t("signin.not_me")}
          </Button>
        </p>
      </section>
    );
  }
  const wanted = search.trim().toLowerCase();
  const names = door.students.filter(({ name }) => name.toLowerCase().includes(wanted));
  return (
    <section className={styles.form}>
      <PageTitle>{t("signin.who")}</PageTitle>
      <p className={styles.soft}>
        {door.class.name} · {door.school.name}
      </p>
      {door.students.length > 12 && <SearchField label={t("signin.search")} value={search} onChange={setSearch} />}
      {names.length === 0 && <p>{door.students.length === 0 ? t("signin.nobody") : t("signin.none_found")}</p>}
      <ul className={styles.names}>
        {names.map((one) => (
          <li key={one.id}>
            <Button
              onClick={() => {
                setPupil(one);
              }}
            >
              {one.name}
            </Button>
          </li>
        ))}
      </ul>
      <p>
        <Button look="quiet" onClick={onOther}>
          {t("signin.other_class")}
        </Button>
      </p>
    </section>
  );
}

function Pin({ onPin }: { readonly onPin: (pin: string) => Promise<void> }) {
  const { t } = useI18n();
  const [pin, setPin] = useState("");
  return (
    <Form
      onSubmit={async () => {
        await onPin(pin);
        setPin("");
      }}
    >
      {(busy) => (
        <>
          <TextField
            label={t("signin.pin")}
            value={pin}
            onChange={setPin}
            inputMode="numeric"
            type="password"
            autoComplete="off"
            maxLength={8}
          />
          <Button type="submit" look="primary" disabled={busy || pin.length < 4}>
            {t("signin.enter")}
          </Button>
        </>
      )}
    </Form>
  );
}
