import { useI18n } from "@/lib/i18n/i18n";
import { problemText } from "@/lib/i18n/problem";
import { Callout } from "./callout";
import { WarningIcon } from "./icons";

interface FailureProps {
  readonly problem: {
    readonly reason?: string;
    readonly message: string;
    readonly hint?: string;
    readonly params?: Readonly<Record<string, unknown>>;
  } | null;
}

/** What went wrong and what to do, said also to a screen reader; nothing while all is well. */
export function Failure({ problem }: FailureProps) {
  const { language, problems } = useI18n();
  const told = problem && problemText(language, problems, problem);
  return (
    <div role="alert">
      {told && (
        <Callout tone="bad" icon={<WarningIcon />} title={told.message}>
          {told.hint && <p>{told.hint}</p>}
        </Callout>
      )}
    </div>
  );
}
