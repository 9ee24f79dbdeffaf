import { useState } from "react";
import { useI18n } from "@/lib/i18n/i18n";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/form";
import styles from "./try-it.module.css";

/** Where a pupil who is led to an answer writes what they have found. */
export function TryIt({ onTry }: { readonly onTry: (attempt: string) => void }) {
  const { t } = useI18n();
  const [text, setText] = useState("");
  const attempt = text.trim();
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (attempt !== "") onTry(t("guide.tried", { attempt }));
      }}
    >
      <TextField label={t("guide.try")} value={text} maxLength={1000} onChange={setText} />
      <Button type="submit" look="primary" disabled={attempt === ""}>
        {t("guide.send")}
      </Button>
    </form>
  );
}
