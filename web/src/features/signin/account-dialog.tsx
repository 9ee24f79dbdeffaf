import { useEffect, useState } from "react";
import { problemOf } from "@/api/client";
import { atLeast, changePassword, endSession, mySessions, signOut } from "@/api/session";
import type { Me, Problem, Session } from "@/api/types";
import { useI18n } from "@/lib/i18n/i18n";
import { Link } from "@/lib/router";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Failure } from "@/ui/failure";
import { Form, formStyles as styles, TextField } from "@/ui/form";
import { announce } from "@/ui/live";

/** Who is signed in, and the way out. */
export function AccountDialog({ me, onClose }: { readonly me: Me; readonly onClose: () => void }) {
  const { t } = useI18n();
  const staff = atLeast(me, "teacher");
  return (
    <Dialog title={me.user.name} onClose={onClose}>
      <div className={styles.form}>
        <p className={styles.soft}>
          {t(`role.${me.user.role}`)} · {me.organization.name}
        </p>
        <div className={styles.row}>
          <Button look="primary" onClick={() => void signOut()}>
            {t("account.other")}
          </Button>
          {staff && <Button onClick={() => void signOut()}>{t("account.sign_out")}</Button>}
        </div>
        <Link href="/memory" className={styles.alone} onClick={onClose}>
          {t("memory.title")}
        </Link>
        {staff && <Password />}
        {staff && <Sessions />}
      </div>
    </Dialog>
  );
}

function Password() {
  const { t } = useI18n();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  return (
    <details>
      <summary>{t("account.password")}</summary>
      <Form
        onSubmit={async () => {
          setProblem(null);
          try {
            await changePassword(current, next);
            setCurrent("");
            setNext("");
            announce(t("account.password_changed"));
          } catch (error) {
            setProblem(problemOf(error));
          }
        }}
      >
        {(busy) => (
          <>
            <Failure problem={problem} />
            <TextField
              label={t("account.current")}
              type="password"
              value={current}
              onChange={setCurrent}
              autoComplete="current-password"
            />
            <TextField
              label={t("account.next")}
              hint={t("setup.password_hint")}
              type="password"
              value={next}
              onChange={setNext}
              autoComplete="new-password"
            />
            <p>
              <Button type="submit" disabled={busy || current === "" || next === ""}>
                {t("account.password")}
              </Button>
            </p>
          </>
        )}
      </Form>
    </details>
  );
}

function Sessions() {
  const { t, language } = useI18n();
  const [sessions, setSessions] = useState<readonly Session[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const fail = (error: unknown) => {
    setProblem(problemOf(error));
  };
  const load = () => {
    mySessions().then((all) => {
      setSessions(all.sessions);
    }, fail);
  };
  useEffect(load, []);
  return (
    <details>
      <summary>{t("account.sessions")}</summary>
      <Failure problem={problem} />
      <ul className={styles.list}>
        {sessions.map((one) => (
          <li key={one.id} className={styles.item}>
            <span className={styles.grow}>
              {one.device}
              <br />
              <span className={styles.soft}>
                {one.remote} · {new Date(one.seen_at).toLocaleString(language)}
              </span>
            </span>
            {one.current ? (
              <span>{t("account.here")}</span>
            ) : (
              <Button
                onClick={() => {
                  setProblem(null);
                  endSession(one.id).then(load, fail);
                }}
              >
                {t("account.sign_out")}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}
