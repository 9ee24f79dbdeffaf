import { shareSource } from "@/api/people";
import type { Source } from "@/api/types";
import { useSharing } from "@/api/use-sharing";
import { useI18n } from "@/lib/i18n/i18n";
import { ChooseDialog } from "@/ui/choose-dialog";
import { Failure } from "@/ui/failure";

interface ShareDialogProps {
  readonly source: Source;
  readonly onShared: (source: Source) => void;
  readonly onClose: () => void;
}

/** Which classes a source is for. */
export function ShareDialog({ source, onShared, onClose }: ShareDialogProps) {
  const { t } = useI18n();
  const { classes, problem, attempt } = useSharing();
  return (
    <ChooseDialog
      title={t("material.share_title")}
      text={t("material.share_text")}
      all={classes}
      first={source.classes?.map(({ id }) => id) ?? []}
      failure={<Failure problem={problem} />}
      onSave={(chosen) => attempt(shareSource(source.id, chosen).then(onShared))}
      onClose={onClose}
    />
  );
}
