import { useI18n } from "@/lib/i18n/i18n";
import { Button } from "./button";
import { Callout } from "./callout";
import { formStyles as styles } from "./form";

interface TheirsProps {
  /** What somebody else has named it meanwhile. */
  readonly name: string;
  readonly onTake: () => void;
  readonly onKeep: () => void;
}

/** Somebody else was faster: take what they made of it, or keep one's own. */
export function Theirs({ name, onTake, onKeep }: TheirsProps) {
  const { t } = useI18n();
  return (
    <Callout tone="sun" title={t("school.theirs", { name })}>
      <div className={styles.row}>
        <Button onClick={onTake}>{t("school.take_theirs")}</Button>
        <Button onClick={onKeep}>{t("school.keep_mine")}</Button>
      </div>
    </Callout>
  );
}
