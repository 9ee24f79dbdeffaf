import { lazy, Suspense, useEffect } from "react";
import { atLeast, session, start } from "@/api/session";
import type { BoxInfo, Me } from "@/api/types";
import { useObservable } from "@/lib/observable";
import { useI18n } from "@/lib/i18n/i18n";
import { Link, navigate, useLocation } from "@/lib/router";
import { Button, buttonClass } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { ErrorBoundary } from "@/ui/error-boundary";
import { PageTitle } from "@/ui/page-title";
import { Spinner } from "@/ui/spinner";
import { AskScreen } from "@/features/ask/ask-screen";
import { IdleReturn } from "@/features/signin/idle-return";
import { Shell } from "./shell";

// Asking is what most tablets open the box for, so it alone is the first page.
const MaterialScreen = lazy(() => import("@/features/material/material-screen"));
const ViewerScreen = lazy(() => import("@/features/viewer/viewer-screen"));
const TextScreen = lazy(() => import("@/features/viewer/text-screen"));
const SignInScreen = lazy(() => import("@/features/signin/signin-screen"));
const SetupScreen = lazy(() => import("@/features/signin/setup-screen"));
const InviteScreen = lazy(() => import("@/features/signin/invite-screen"));
const PeopleScreen = lazy(() => import("@/features/people/people-screen"));
const ClassScreen = lazy(() => import("@/features/people/class-screen"));
const SchoolScreen = lazy(() => import("@/features/people/school-screen"));
const AuditScreen = lazy(() => import("@/features/people/audit-screen"));
const TrustScreen = lazy(() => import("@/features/people/trust-screen"));
const TutorsScreen = lazy(() => import("@/features/tutors/tutors-screen"));
const TutorScreen = lazy(() => import("@/features/tutors/tutor-screen"));
const CareScreen = lazy(() => import("@/features/tutors/care-screen"));
const FeedbackScreen = lazy(() => import("@/features/feedback/feedback-screen"));
const PinsScreen = lazy(() => import("@/features/feedback/pins-screen"));
const MemoryScreen = lazy(() => import("@/features/tutors/memory-screen"));
const ModelsScreen = lazy(() => import("@/features/tutors/models-screen"));
const RosterPanel = lazy(() => import("@/features/people/roster-panel"));

export function App() {
  const { t } = useI18n();
  const { path } = useLocation();
  const state = useObservable(session);
  useEffect(() => {
    void start();
  }, []);
  const me = state.is === "in" ? state.me : null;
  return (
    <Shell me={me}>
      <ErrorBoundary key={path}>
        <Suspense fallback={<Spinner label={t("state.loading")} />}>
          <Gate path={path} />
        </Suspense>
      </ErrorBoundary>
      {me?.user.role === "student" && <IdleReturn me={me} />}
    </Shell>
  );
}

/** What one sees depends on who one is, and before that on whether the box is anybody's. */
function Gate({ path }: { readonly path: string }) {
  const { t } = useI18n();
  const { query } = useLocation();
  const state = useObservable(session);
  switch (state.is) {
    case "starting":
      return <Spinner label={t("state.loading")} />;
    case "unreachable":
      return (
        <EmptyState
          title={t("state.unreachable")}
          action={<Button onClick={() => void start()}>{t("state.again")}</Button>}
        >
          {t("connection.hint")}
        </EmptyState>
      );
    case "setup":
    case "out":
    case "in": {
      if (path === "/trust") return <TrustScreen box={state.box} />;
      // The first boot goes on after its owner has signed in.
      const me = state.is === "in" ? state.me : null;
      const settingUp = path === "/setup" && me !== null && atLeast(me, "owner");
      if (state.is === "setup" || settingUp) return <SetUp box={state.box} me={me} path={path} />;
      if (path === "/setup") return <ToStart />;
      const invitation = /^\/invite\/([^/]+)$/.exec(path)?.[1];
      if (invitation !== undefined) return <InviteScreen box={state.box} code={decodeURIComponent(invitation)} />;
      if (state.is === "in") return <Screen path={path} me={state.me} box={state.box} />;
      const code = /^\/join\/([^/]+)$/.exec(path)?.[1];
      return (
        <SignInScreen
          key={path}
          box={state.box}
          {...(code !== undefined && { code: decodeURIComponent(code), user: query.get("u") ?? undefined })}
        />
      );
    }
  }
}

interface SetUpProps {
  readonly box: BoxInfo;
  readonly me: Me | null;
  readonly path: string;
}

function SetUp({ box, me, path }: SetUpProps) {
  useEffect(() => {
    if (path !== "/setup") navigate("/setup", { replace: true });
  }, [path]);
  return <SetupScreen box={box} me={me} Roster={RosterPanel} />;
}

function Screen({ path, me, box }: { readonly path: string; readonly me: Me; readonly box: BoxInfo }) {
  const { t } = useI18n();
  if (path.startsWith("/join/")) return <ToStart />;
  if (path === "/") return <AskScreen />;
  if (path === "/material") return <MaterialScreen teaches={atLeast(me, "teacher")} />;
  if (atLeast(me, "teacher")) {
    if (path === "/people") return <PeopleScreen me={me} />;
    const room = /^\/people\/([^/]+)$/.exec(path)?.[1];
    if (room !== undefined) return <ClassScreen key={room} id={decodeURIComponent(room)} />;
  }
  if (path === "/memory") return <MemoryScreen />;
  if (atLeast(me, "teacher")) {
    if (path === "/tutors") return <TutorsScreen />;
    if (path === "/care") return <CareScreen />;
    if (path === "/feedback") return <FeedbackScreen me={me} />;
    if (path === "/pins") return <PinsScreen me={me} />;
    const text = /^\/material\/([^/]+)\/text$/.exec(path)?.[1];
    if (text !== undefined) return <TextScreen key={text} id={decodeURIComponent(text)} />;
    const tutor = /^\/tutors\/([^/]+)$/.exec(path)?.[1];
    if (tutor !== undefined) return <TutorScreen key={tutor} id={decodeURIComponent(tutor)} />;
  }
  if (atLeast(me, "admin") && path === "/models") return <ModelsScreen me={me} />;
  if (atLeast(me, "admin") && path === "/school") return <SchoolScreen me={me} />;
  if (atLeast(me, "owner") && path === "/audit") return <AuditScreen />;
  if (path === "/trust") return <TrustScreen box={box} />;
  const source = /^\/material\/([^/]+)$/.exec(path)?.[1];
  if (source !== undefined) return <ViewerScreen key={source} id={decodeURIComponent(source)} />;
  return (
    <>
      <PageTitle className="visually-hidden">{t("missing.title")}</PageTitle>
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
    </>
  );
}

/** A card's link where somebody is signed in already, or a set-up that is over: to the start. */
function ToStart() {
  useEffect(() => {
    navigate("/", { replace: true });
  }, []);
  return null;
}
