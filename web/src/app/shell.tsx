import { useEffect, useState, type ReactNode } from "react";
import { connection } from "@/api/connection";
import { countFeedback, feedbackCount } from "@/api/feedback";
import { atLeast } from "@/api/session";
import type { Me } from "@/api/types";
import { AccountDialog } from "@/features/signin/account-dialog";
import { useI18n } from "@/lib/i18n/i18n";
import { useObservable } from "@/lib/observable";
import { Link, useLocation } from "@/lib/router";
import { IconButton } from "@/ui/button";
import { classes } from "@/ui/classes";
import { AskIcon, BooksIcon, GlobeIcon, PeopleIcon, PersonIcon, SchoolIcon, WarningIcon } from "@/ui/icons";
import { Band, Emblem } from "@/ui/imigongo";
import { LiveRegion } from "@/ui/live";
import { Settings } from "./settings";
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
  const inMaterial = path.startsWith("/material");

  useEffect(() => {
    document.title = inMaterial ? `${t("nav.material")} · Bwenge` : "Bwenge";
  }, [inMaterial, t]);

  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#main">
        {t("nav.skip")}
      </a>
      <header className={styles.header}>
        <Link href="/" className={styles.brand}>
          <Emblem size={32} />
          <span>Bwenge</span>
        </Link>
        <div className={styles.tail}>
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
      <nav className={styles.nav} aria-label={t("nav.label")}>
        {me && (
          <>
            <NavLink
              href={path === "/" ? "/" : `/${conversation}`}
              current={path === "/"}
              icon={<AskIcon />}
              label={t("nav.ask")}
            />
            <NavLink href="/material" current={inMaterial} icon={<BooksIcon />} label={t("nav.material")} />
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
                badge={<OpenFeedback path={path} />}
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
      <main id="main" tabIndex={-1} className={styles.main}>
        {children}
      </main>
      <LiveRegion />
      {open === "settings" && <Settings onClose={close} />}
      {open === "account" && me && <AccountDialog me={me} onClose={close} />}
    </div>
  );
}

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
      <span>{label}</span>
      {badge}
    </Link>
  );
}

const lookAgain = 60_000;

/** How many answers a teacher should look at; nothing while there are none. */
function OpenFeedback({ path }: { readonly path: string }) {
  const { t } = useI18n();
  const count = useObservable(feedbackCount)?.open ?? 0;
  useEffect(() => {
    void countFeedback();
    const timer = setInterval(() => void countFeedback(), lookAgain);
    return () => {
      clearInterval(timer);
    };
  }, [path]);
  if (count === 0) return null;
  return (
    <b className={styles.count}>
      <span aria-hidden="true">{count > 99 ? "99+" : count}</span>
      <span className="visually-hidden">{t("nav.open_feedback", { count })}</span>
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
