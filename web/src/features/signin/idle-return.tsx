import { useEffect, useState } from "react";
import { signOut } from "@/api/session";
import type { Me } from "@/api/types";
import { useI18n } from "@/lib/i18n/i18n";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { watchIdle } from "./idle";

/** Takes a pupil's tablet back to "Who are you?" when nobody touches it. What they were writing stays theirs. */
export function IdleReturn({ me }: { readonly me: Me }) {
  const { t } = useI18n();
  const [left, setLeft] = useState<number | null>(null);
  const minutes = me.organization.settings.idle_minutes;
  useEffect(
    () =>
      watchIdle(minutes * 60_000, {
        onWarn: setLeft,
        onBack: () => {
          setLeft(null);
        },
        onOver: () => void signOut(),
      }),
    [minutes],
  );
  if (left === null) return null;
  const stay = () => {
    setLeft(null);
  };
  return (
    <Dialog
      title={t("idle.title")}
      onClose={stay}
      actions={
        <Button look="primary" onClick={stay}>
          {t("idle.stay")}
        </Button>
      }
    >
      <p>{t("idle.text", { count: left })}</p>
    </Dialog>
  );
}
