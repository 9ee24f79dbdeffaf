import { lazy, Suspense } from "react";
import { useI18n } from "@/lib/i18n/i18n";
import { Link, useLocation } from "@/lib/router";
import { buttonClass } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { ErrorBoundary } from "@/ui/error-boundary";
import { Spinner } from "@/ui/spinner";
import { AskScreen } from "@/features/ask/ask-screen";
import { Shell } from "./shell";

// Asking is what most tablets open the box for, so it alone is the first page.
const MaterialScreen = lazy(() => import("@/features/material/material-screen"));
const ViewerScreen = lazy(() => import("@/features/viewer/viewer-screen"));

export function App() {
  const { t } = useI18n();
  const { path } = useLocation();
  return (
    <Shell>
      <ErrorBoundary key={path}>
        <Suspense fallback={<Spinner label={t("state.loading")} />}>
          <Screen path={path} />
        </Suspense>
      </ErrorBoundary>
    </Shell>
  );
}

function Screen({ path }: { readonly path: string }) {
  const { t } = useI18n();
  if (path === "/") return <AskScreen />;
  if (path === "/material") return <MaterialScreen />;
  const source = /^\/material\/([^/]+)$/.exec(path)?.[1];
  if (source !== undefined) return <ViewerScreen key={source} id={decodeURIComponent(source)} />;
  return (
    <EmptyState
      title={t("missing.title")}
      action={
        <Link href="/" className={buttonClass("primary")}>
          {t("missing.action")}
        </Link>
      }
    >
      {t("missing.text")}
    </EmptyState>
  );
}
