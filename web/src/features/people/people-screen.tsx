import { useCallback, useState } from "react";
import { problemOf } from "@/api/client";
import { addClass, listClasses } from "@/api/people";
import { atLeast } from "@/api/session";
import type { Me, Problem } from "@/api/types";
import { useI18n } from "@/lib/i18n/i18n";
import { Link, navigate } from "@/lib/router";
import { Button, buttonClass } from "@/ui/button";
import { classes } from "@/ui/classes";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { Failure } from "@/ui/failure";
import { SearchField, SelectField } from "@/ui/field";
import { Form, formStyles as styles, TextField } from "@/ui/form";
import { toast } from "@/ui/live";
import { PageTitle } from "@/ui/page-title";
import { Spinner } from "@/ui/spinner";
import RosterPanel from "./roster-panel";
import { Staff } from "./staff";
import { UndoImport } from "./undo-import";
import { usePaged } from "@/api/use-paged";

/** The classes of the school, and its staff. */
export default function PeopleScreen({ me }: { readonly me: Me }) {
  const { t } = useI18n();
  const [search, setSearch] = useState("");
  const [open, setOpen] = useState<"class" | "roster" | null>(null);
  const [undo, setUndo] = useState<string | null>(null);
  const load = useCallback((cursor: string) => listClasses({ search, cursor }), [search]);
  const { items, more, problem, reload } = usePaged(load);
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <PageTitle>{t("people.title")}</PageTitle>
        <div className={styles.row}>
          <Button
            look="primary"
            onClick={() => {
              setOpen("class");
            }}
          >
            {t("people.make_class")}
          </Button>
          <Button
            onClick={() => {
              setOpen("roster");
            }}
          >
            {t("people.load")}
          </Button>
        </div>
      </div>
      {undo !== null && (
        <UndoImport
          id={undo}
          onUndone={() => {
            setUndo(null);
            reload();
          }}
        />
      )}
      <SearchField label={t("people.search_class")} value={search} onChange={setSearch} />
      <Failure problem={problem} />
      {items === null && !problem && <Spinner label={t("state.loading")} />}
      {items?.length === 0 && (
        <EmptyState title={search === "" ? t("people.no_class") : t("people.none_found")}>
          {search === "" && t("people.no_class_text")}
        </EmptyState>
      )}
      <ul className={styles.list}>
        {items?.map((c) => (
          <li key={c.id} className={styles.item}>
            <Link href={`/people/${encodeURIComponent(c.id)}`} className={classes(styles.grow, styles.alone)}>
              <strong>{c.name}</strong>
            </Link>
            <span className={styles.soft}>{t("people.pupils", { count: c.students })}</span>
            <span className={styles.soft}>{c.teachers.map(({ name }) => name).join(", ")}</span>
            <Link href={`/people/${encodeURIComponent(c.id)}`} className={buttonClass("plain")}>
              {t("people.open")}
            </Link>
          </li>
        ))}
      </ul>
      {more && <Button onClick={more}>{t("action.more")}</Button>}
      {atLeast(me, "admin") && <Staff me={me} />}
      {open === "class" && (
        <MakeClass
          onClose={() => {
            setOpen(null);
          }}
        />
      )}
      {open === "roster" && (
        <Dialog
          title={t("people.load")}
          onClose={() => {
            setOpen(null);
          }}
        >
          <p>{t("people.load_text")}</p>
          <RosterPanel
            onDone={(_, count, id) => {
              setOpen(null);
              setUndo(id);
              toast(t("people.added", { count }));
              reload();
            }}
          />
        </Dialog>
      )}
    </div>
  );
}

function MakeClass({ onClose }: { readonly onClose: () => void }) {
  const { t } = useI18n();
  const [name, setName] = useState("");
  const [signIn, setSignIn] = useState<"pictures" | "pin">("pictures");
  const [problem, setProblem] = useState<Problem | null>(null);
  return (
    <Dialog title={t("people.make_class")} onClose={onClose}>
      <Form
        onSubmit={async () => {
          try {
            navigate(`/people/${(await addClass(name, signIn)).id}`);
          } catch (error) {
            setProblem(problemOf(error));
          }
        }}
      >
        {(busy) => (
          <>
            <Failure problem={problem} />
            <TextField label={t("people.class_name")} value={name} onChange={setName} />
            <SelectField
              label={t("people.sign_in")}
              labelled
              value={signIn}
              options={[
                { value: "pictures", label: t("people.by_pictures") },
                { value: "pin", label: t("people.by_pin") },
              ]}
              onChange={setSignIn}
            />
            <p>
              <Button type="submit" look="primary" disabled={busy || name.trim() === ""}>
                {t("people.make_class")}
              </Button>
            </p>
          </>
        )}
      </Form>
    </Dialog>
  );
}
