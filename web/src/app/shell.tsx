import { useEffect, useRef, useState, type ReactNode } from "react";
import { connection } from "@/api/connection";
import { countFeedback, feedbackCount } from "@/api/feedback";
import { atLeast } from "@/api/session";
import { countFlags, flagCount } from "@/api/tutors";
import type { Me } from "@/api/types";
import { AccountDialog } from "@/features/signin/account-dialog";
import { useI18n } from "@/lib/i18n/i18n";
import { keepFocus } from "@/lib/keep-focus";
import { useKeptPlace } from "@/lib/kept-place";
import { useObservable } from "@/lib/observable";
import { decideLeaving, leaving, Link, useLocation } from "@/lib/router";
import { IconButton } from "@/ui/button";
import { classes } from "@/ui/classes";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { AskIcon, BooksIcon, GlobeIcon, PeopleIcon, PersonIcon, SchoolIcon, WarningIcon } from "@/ui/icons";
import { Band, Emblem } from "@/ui/imigongo";
import { LiveRegion } from "@/ui/live";
import { Settings } from "./settings";
import { useFitting } from "./use-fitting";
import styles from "./shell.module.css";

/** The frame around every screen: where one is, how to get elsewhere, and whether the box answers. */
export function Shell({ me, children }: { readonly me: Me | null; readonly children: ReactNode }) {
  const { t, language } = useI18n();
  const { path, search } = useLocation();
  // From the material one comes back to the conversation that one left.
  const [conversation, setConversation] = useState(path === "/" ? search : "");
  if (path === "/" && conversation !== search) setConversation(search);
  const [open, setOpen] = useState<"settings" | "account" | null>(null);
  const close = () => {
    setOpen(null);
  };
  useObservable(feedbackCount); // a badge takes room
  useObservable(flagCount);
  const frame = useFitting();
  useFocusKept(path);
  const screen = useRef<HTMLElement>(null);
  useKeptPlace(screen);

  return (
    <div ref={frame} className={styles.shell}>
      <a className={styles.skip} href="#main">
        {t("nav.skip")}
      </a>
      <header className={styles.header}>
        <Link href="/" className={styles.brand}>
          <Emblem size={32} />
          <span>Bwenge</span>
        </Link>
        <div className={styles.tail} data-fits>
          {me && (
            <IconButton
              className={styles.settings}
              icon={
                <>
                  <PersonIcon />
                  <span className={styles.who}>{me.user.name}</span>
                </>
              }
              label={t("nav.account", { name: me.user.name })}
              onClick={() => {
                setOpen("account");
              }}
            />
          )}
          <IconButton
            className={styles.settings}
            icon={
              <>
                <GlobeIcon />
                <span className={styles.language} aria-hidden="true">
                  {language}
                </span>
              </>
            }
            label={t("settings.open")}
            onClick={() => {
              setOpen("settings");
            }}
          />
        </div>
      </header>
      <nav className={styles.nav} aria-label={t("nav.label")} data-fits>
        {me && (
          <>
            <NavLink
              href={path === "/" ? "/" : `/${conversation}`}
              current={path === "/"}
              icon={<AskIcon />}
              label={t("nav.ask")}
            />
            <NavLink
              href="/material"
              current={path.startsWith("/material")}
              icon={<BooksIcon />}
              label={t("nav.material")}
            />
            {atLeast(me, "teacher") && (
              <NavLink
                href="/people"
                current={path.startsWith("/people")}
                icon={<PeopleIcon />}
                label={t("nav.people")}
              />
            )}
            {atLeast(me, "teacher") && (
              <NavLink
                href="/tutors"
                current={path.startsWith("/tutors") || ["/care", "/feedback", "/pins"].includes(path)}
                icon={<PersonIcon />}
                label={t("nav.tutors")}
                badge={<Waiting path={path} />}
              />
            )}
            {atLeast(me, "admin") && (
              <NavLink
                href="/school"
                current={path === "/school" || path === "/audit" || path === "/models"}
                icon={<SchoolIcon />}
                label={t("nav.school")}
              />
            )}
          </>
        )}
      </nav>
      <div className={styles.band}>
        <Band />
      </div>
      <ConnectionBanner />
      <main ref={screen} id="main" tabIndex={-1} className={styles.main}>
        {children}
      </main>
      <LiveRegion />
      <Leaving />
      {open === "settings" && <Settings onClose={close} />}
      {open === "account" && me && <AccountDialog me={me} onClose={close} />}
    </div>
  );
}

/** Asks before what was changed and not saved is lost. */
function Leaving() {
  const { t } = useI18n();
  if (useObservable(leaving) === null) return null;
  return (
    <ConfirmDialog
      title={t("leave.title")}
      confirm={t("leave.go")}
      keep={t("leave.stay")}
      onConfirm={() => {
        decideLeaving(true);
      }}
      onClose={() => {
        decideLeaving(false);
      }}
    >
      <p>{t("leave.text")}</p>
    </ConfirmDialog>
  );
}

/** The focus stays where somebody works, and comes to the screen when that changes under it. */
function useFocusKept(path: string): void {
  useEffect(() => keepFocus(main), []);
  const shown = useRef(path);
  useEffect(() => {
    if (shown.current === path) return;
    shown.current = path;
    if (document.activeElement === document.body) main()?.focus({ preventScroll: true });
  }, [path]);
}

const main = () => document.getElementById("main");

interface NavLinkProps {
  readonly href: string;
  readonly current: boolean;
  readonly icon: ReactNode;
  readonly label: string;
  readonly badge?: ReactNode;
}

function NavLink({ href, current, icon, label, badge }: NavLinkProps) {
  return (
    <Link
      href={href}
      className={classes(styles.tab, current && styles.current)}
      aria-current={current ? "page" : undefined}
    >
      {icon}
      <span data-fits>{label}</span>
      {badge}
    </Link>
  );
}

const lookAgain = 60_000;

/** How many pupils and answers wait for a teacher; nothing while there are none. */
function Waiting({ path }: { readonly path: string }) {
  const { t } = useI18n();
  const answers = useObservable(feedbackCount)?.open ?? 0;
  const pupils = useObservable(flagCount)?.open ?? 0;
  const count = answers + pupils;
  useEffect(() => {
    const look = () => {
      void countFeedback();
      void countFlags();
    };
    look();
    const timer = setInterval(look, lookAgain);
    return () => {
      clearInterval(timer);
    };
  }, [path]);
  if (count === 0) return null;
  return (
    <b className={classes(styles.count, pupils > 0 && styles.urgent)}>
      <span aria-hidden="true">{count > 99 ? "99+" : count}</span>
      <span className="visually-hidden">
        {pupils > 0 && t("nav.open_flags", { count: pupils })}{" "}
        {answers > 0 && t("nav.open_feedback", { count: answers })}
      </span>
    </b>
  );
}

function ConnectionBanner() {
  const { t } = useI18n();
  const { lost } = useObservable(connection);
  return (
    <div role="status" className={styles.banner}>
      {lost && (
        <p className={styles.lost}>
          <WarningIcon />
          <span>
            <strong>{t("connection.lost")}</strong> {t("connection.hint")}
          </span>
        </p>
      )}
    </div>
  );
}
