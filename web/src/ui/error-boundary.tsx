import { Component, type ReactNode } from "react";
import { useI18n } from "@/lib/i18n/i18n";
import { Button } from "./button";
import { EmptyState } from "./empty-state";

interface Props {
  readonly children: ReactNode;
}

interface State {
  readonly failed: boolean;
}

/** Shows a way on where a screen broke, or where its code could not be fetched. */
export class ErrorBoundary extends Component<Props, State> {
  override state: State = { failed: false };

  static getDerivedStateFromError(): State {
    return { failed: true };
  }

  override render(): ReactNode {
    return this.state.failed ? <Broken /> : this.props.children;
  }
}

function Broken() {
  const { t } = useI18n();
  return (
    <EmptyState
      title={t("broken.title")}
      action={
        <Button
          look="primary"
          onClick={() => {
            window.location.reload();
          }}
        >
          {t("broken.action")}
        </Button>
      }
    >
      {t("broken.text")}
    </EmptyState>
  );
}
