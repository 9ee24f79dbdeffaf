import { useEffect, useState } from "react";
import { problemOf } from "@/api/client";
import { invitationDoor, register } from "@/api/door";
import { enter } from "@/api/session";
import type { BoxInfo, PublicInvitation, Problem } from "@/api/types";
import { useI18n } from "@/lib/i18n/i18n";
import { Button } from "@/ui/button";
import { Failure } from "@/ui/failure";
import { Form, formStyles as styles } from "@/ui/form";
import { PageTitle } from "@/ui/page-title";
import { Spinner } from "@/ui/spinner";
import { PlainPage } from "./plain-page";
import { isComplete, noAccount, StaffFields } from "./staff-fields";
import { SecureHint } from "./signin-screen";

/** Accepts an invitation: name, user name and password. */
export default function InviteScreen({ box, code }: { readonly box: BoxInfo; readonly code: string }) {
  const { t } = useI18n();
  const [door, setDoor] = useState<PublicInvitation | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [account, setAccount] = useState(noAccount);
  useEffect(() => {
    invitationDoor(code).then(setDoor, (error: unknown) => {
      setProblem(problemOf(error));
    });
  }, [code]);
  if (!door)
    return (
      <PlainPage>
        <PageTitle>{t("signin.title")}</PageTitle>
        {problem ? <Failure problem={problem} /> : <Spinner label={t("state.loading")} />}
      </PlainPage>
    );
  return (
    <PlainPage>
      <Form
        onSubmit={async () => {
          setProblem(null);
          try {
            enter(await register({ invitation: code, ...account }));
            await new Promise(() => undefined); // until the page is gone
          } catch (error) {
            setProblem(problemOf(error));
          }
        }}
      >
        {(busy) => (
          <>
            <PageTitle>{t("invite.title", { school: door.school.name })}</PageTitle>
            <p>
              {t(`role.${door.role}`)}
              {door.class && ` · ${door.class.name}`}
            </p>
            {!box.secure && <SecureHint box={box} />}
            <Failure problem={problem} />
            <StaffFields account={account} onChange={setAccount} />
            <p className={styles.row}>
              <Button type="submit" look="primary" disabled={busy || !isComplete(account)}>
                {t("invite.accept")}
              </Button>
            </p>
          </>
        )}
      </Form>
    </PlainPage>
  );
}
