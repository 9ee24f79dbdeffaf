import { sharePersona } from "@/api/tutors";
import type { Persona } from "@/api/types";
import { useSharing } from "@/api/use-sharing";
import { useI18n } from "@/lib/i18n/i18n";
import { ChooseDialog } from "@/ui/choose-dialog";
import { Failure } from "@/ui/failure";

interface ShareTutorProps {
  readonly persona: Persona;
  readonly onShared: (persona: Persona) => void;
  readonly onClose: () => void;
}

/** Which classes a tutor is for. */
export function ShareTutor({ persona, onShared, onClose }: ShareTutorProps) {
  const { t } = useI18n();
  const { classes, problem, attempt } = useSharing();
  return (
    <ChooseDialog
      title={t("tutor.share")}
      text={t("tutor.share_text")}
      all={classes}
      first={persona.classes.map(({ id }) => id)}
      failure={<Failure problem={problem} />}
      onSave={(chosen) => attempt(sharePersona(persona.id, chosen).then(onShared))}
      onClose={onClose}
    />
  );
}
