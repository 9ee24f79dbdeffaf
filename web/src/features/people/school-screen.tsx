import { useEffect, useState } from "react";
import { problemOf } from "@/api/client";
import {
  createOrganization,
  eraseOrganization,
  getOrganization,
  listOrganizations,
  updateOrganization,
} from "@/api/people";
import { atLeast } from "@/api/session";
import type { Invitation, Me, Organization, Problem } from "@/api/types";
import { useI18n } from "@/lib/i18n/i18n";
import { languages, type Language } from "@/lib/i18n/plural";
import { Link, useUnsaved } from "@/lib/router";
import { Button, buttonClass } from "@/ui/button";
import { Callout } from "@/ui/callout";
import { Dialog } from "@/ui/dialog";
import { Failure } from "@/ui/failure";
import { SelectField } from "@/ui/field";
import { Check, Form, formStyles as styles, TextField } from "@/ui/form";
import { toast } from "@/ui/live";
import { PageTitle } from "@/ui/page-title";
import { Spinner } from "@/ui/spinner";
import { Theirs } from "@/ui/theirs";

const languageNames = (Object.entries(languages) as [Language, string][]).map(([value, label]) => ({
  value,
  label,
  lang: value,
}));

/** The school's name and choices; for owners also its audit log and its end. */
export default function SchoolScreen({ me }: { readonly me: Me }) {
  const { t } = useI18n();
  const [school, setSchool] = useState<Organization | null>(null);
  const [stored, setStored] = useState<Organization | null>(null);
  const [theirs, setTheirs] = useState<Organization | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [erasing, setErasing] = useState(false);
  useEffect(() => {
    getOrganization().then(
      (found) => {
        setSchool(found);
        setStored(found);
      },
      (error: unknown) => {
        setProblem(problemOf(error));
      },
    );
  }, []);
  useUnsaved(JSON.stringify(school) !== JSON.stringify(stored));
  if (!school) return problem ? <Failure problem={problem} /> : <Spinner label={t("state.loading")} />;
  const set = (change: Partial<Organization>) => {
    setSchool({ ...school, ...change });
  };
  const owner = atLeast(me, "owner");
  return (
    <div className={styles.page}>
      <PageTitle>{t("school.title")}</PageTitle>
      <Form
        onSubmit={async () => {
          setProblem(null);
          try {
            const saved = await updateOrganization(school);
            setSchool(saved);
            setStored(saved);
            setTheirs(null);
            toast(t("school.saved"));
          } catch (error) {
            const told = problemOf(error);
            setProblem(told);
            if (told.reason === "changed_meanwhile") setTheirs(told.params?.current as Organization);
          }
        }}
      >
        {(busy) => (
          <>
            <Failure problem={problem} />
            {theirs && (
              <Theirs
                name={theirs.name}
                onTake={() => {
                  setSchool(theirs);
                  setStored(theirs);
                  setTheirs(null);
                  setProblem(null);
                }}
                onKeep={() => {
                  set({ version: theirs.version });
                  setTheirs(null);
                  setProblem(null);
                }}
              />
            )}
            <TextField
              label={t("setup.school")}
              value={school.name}
              onChange={(name) => {
                set({ name });
              }}
            />
            <SelectField
              label={t("settings.language")}
              labelled
              value={school.language as Language}
              options={languageNames}
              onChange={(language) => {
                set({ language });
              }}
            />
            <TextField
              label={t("school.idle")}
              type="number"
              min={1}
              max={240}
              value={String(school.settings.idle_minutes)}
              onChange={(minutes) => {
                set({ settings: { ...school.settings, idle_minutes: Number(minutes) } });
              }}
            />
            <Check
              label={t("setup.allow_plain")}
              checked={school.settings.allow_plain_passwords}
              onChange={(allow) => {
                set({ settings: { ...school.settings, allow_plain_passwords: allow } });
              }}
            />
            <Check
              label={t("school.memory")}
              checked={school.settings.memory}
              onChange={(memory) => {
                set({ settings: { ...school.settings, memory } });
              }}
            />
            <p>
              <Button type="submit" look="primary" disabled={busy}>
                {t("people.save")}
              </Button>
            </p>
          </>
        )}
      </Form>
      <div className={styles.row}>
        <Link className={buttonClass("plain")} href="/trust">
          {t("trust.title")}
        </Link>
        {owner && (
          <Link className={buttonClass("plain")} href="/audit">
            {t("audit.title")}
          </Link>
        )}
        <Link className={buttonClass("plain")} href="/models">
          {t("models.title")}
        </Link>
        <a className={buttonClass("plain")} href="/api/docs">
          {t("school.api")}
        </a>
      </div>
      {owner && me.organization.id === "default" && <Schools />}
      {owner && (
        <p>
          <Button
            look="danger"
            onClick={() => {
              setErasing(true);
            }}
          >
            {t("school.erase")}
          </Button>
        </p>
      )}
      {erasing && (
        <Erase
          name={me.organization.name}
          onClose={() => {
            setErasing(false);
          }}
        />
      )}
    </div>
  );
}

function Erase({ name, onClose }: { readonly name: string; readonly onClose: () => void }) {
  const { t } = useI18n();
  const [typed, setTyped] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  return (
    <Dialog title={t("school.erase")} onClose={onClose}>
      <Form
        onSubmit={async () => {
          try {
            await eraseOrganization(typed);
            window.location.assign("/");
          } catch (error) {
            setProblem(problemOf(error));
          }
        }}
      >
        {(busy) => (
          <>
            <p>{t("school.erase_text", { name })}</p>
            <Failure problem={problem} />
            <TextField label={t("school.erase_name")} value={typed} onChange={setTyped} autoComplete="off" />
            <p>
              <Button type="submit" look="danger" disabled={busy || typed.trim() !== name}>
                {t("school.erase")}
              </Button>
            </p>
          </>
        )}
      </Form>
    </Dialog>
  );
}

/** Several schools may share one box; its host makes them. */
function Schools() {
  const { t, language } = useI18n();
  const [all, setAll] = useState<readonly Organization[]>([]);
  const [name, setName] = useState("");
  const [made, setMade] = useState<Invitation | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const load = () => {
    listOrganizations().then(
      ({ organizations }) => {
        setAll(organizations);
      },
      (error: unknown) => {
        setProblem(problemOf(error));
      },
    );
  };
  useEffect(load, []);
  return (
    <section className={styles.form}>
      <h2>{t("school.others")}</h2>
      <ul className={styles.list}>
        {all.map((one) => (
          <li key={one.id} className={styles.item}>
            {one.name} <span className={styles.soft}>{one.slug}</span>
          </li>
        ))}
      </ul>
      <Failure problem={problem} />
      {made && (
        <Callout tone="sun" title={t("school.owner_code")}>
          <p className={styles.code}>{made.code}</p>
          <p>{made.url}</p>
        </Callout>
      )}
      <Form
        onSubmit={async () => {
          setProblem(null);
          try {
            setMade((await createOrganization(name, language)).invitation);
            setName("");
            load();
          } catch (error) {
            setProblem(problemOf(error));
          }
        }}
      >
        {(busy) => (
          <div className={styles.row}>
            <div className={styles.grow}>
              <TextField label={t("school.new")} value={name} onChange={setName} />
            </div>
            <Button type="submit" disabled={busy || name.trim() === ""}>
              {t("school.add")}
            </Button>
          </div>
        )}
      </Form>
    </section>
  );
}
