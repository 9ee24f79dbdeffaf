import { useEffect, useState } from "react";
import { problemOf } from "@/api/client";
import { copyPersona, deletePersona, getPersona, personaFile, updatePersona } from "@/api/tutors";
import type { Persona, PersonaContent, Problem } from "@/api/types";
import { useI18n } from "@/lib/i18n/i18n";
import { navigate, useUnsaved } from "@/lib/router";
import { Button, buttonClass } from "@/ui/button";
import { Callout } from "@/ui/callout";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { Failure } from "@/ui/failure";
import { Form, formStyles as styles } from "@/ui/form";
import { toast } from "@/ui/live";
import { PageTitle } from "@/ui/page-title";
import { Spinner } from "@/ui/spinner";
import { Theirs } from "@/ui/theirs";
import { PersonaFields } from "./persona-fields";
import { PersonaVersions } from "./persona-versions";
import { ShareTutor } from "./share-tutor";
import { TryTutor } from "./try-tutor";

/** What a persona is made of, without what the box says about it. */
export function contentOf(persona: Persona): PersonaContent {
  const {
    id: _id,
    shipped: _shipped,
    version: _version,
    classes: _classes,
    by: _by,
    created_at: _created,
    updated_at: _updated,
    may_change: _may,
    draft: _draft,
    ...content
  } = persona;
  return content;
}

/** One tutor: its fields, a place to try it, its versions, and whom it is for. */
export default function TutorScreen({ id }: { readonly id: string }) {
  const { t } = useI18n();
  const [persona, setPersona] = useState<Persona | null>(null);
  const [content, setContent] = useState<PersonaContent | null>(null);
  const [theirs, setTheirs] = useState<Persona | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [open, setOpen] = useState<"delete" | "share" | null>(null);
  const show = (next: Persona) => {
    setPersona(next);
    setContent(contentOf(next));
    setTheirs(null);
    setProblem(null);
  };
  const fail = (error: unknown) => {
    setProblem(problemOf(error));
  };
  useEffect(() => {
    getPersona(id).then(show, fail);
  }, [id]);
  useUnsaved(
    persona?.may_change === true && content !== null && JSON.stringify(content) !== JSON.stringify(contentOf(persona)),
  );
  if (!persona || !content) return problem ? <Failure problem={problem} /> : <Spinner label={t("state.loading")} />;
  return (
    <div className={styles.page}>
      <PageTitle>{persona.name}</PageTitle>
      <div className={styles.row}>
        {persona.may_change && (
          <Button
            onClick={() => {
              setOpen("share");
            }}
          >
            {t("tutor.share")}
          </Button>
        )}
        <Button
          onClick={() => {
            copyPersona(id).then((made) => {
              navigate(`/tutors/${encodeURIComponent(made.id)}`);
            }, fail);
          }}
        >
          {t("tutor.copy")}
        </Button>
        <a className={buttonClass("plain")} href={personaFile(id)} download>
          {t("tutor.file")}
        </a>
      </div>
      {!persona.may_change && <Callout title={t("tutor.not_yours")} />}
      {persona.draft && (
        <Callout
          tone="sun"
          title={t("tutors.draft")}
          action={
            persona.may_change && (
              <Button
                look="primary"
                onClick={() => {
                  setOpen("share");
                }}
              >
                {t("tutor.publish")}
              </Button>
            )
          }
        >
          {t("tutor.draft_text")}
        </Callout>
      )}
      {!persona.draft && (
        <p className={styles.soft}>{persona.classes.map(({ name }) => name).join(", ") || t("tutors.everybody")}</p>
      )}
      <Form
        onSubmit={async () => {
          setProblem(null);
          try {
            show(await updatePersona(id, content, persona.version));
            toast(t("tutor.saved"));
          } catch (error) {
            const told = problemOf(error);
            setProblem(told);
            if (told.reason === "changed_meanwhile") setTheirs(told.params?.current as Persona);
          }
        }}
      >
        {(busy) => (
          <>
            <PersonaFields content={content} onChange={setContent} />
            <Failure problem={problem} />
            {theirs && (
              <Theirs
                name={theirs.name}
                onTake={() => {
                  show(theirs);
                }}
                onKeep={() => {
                  setPersona({ ...persona, version: theirs.version });
                  setTheirs(null);
                  setProblem(null);
                }}
              />
            )}
            {persona.may_change && (
              <p>
                <Button type="submit" look="primary" disabled={busy}>
                  {t("tutor.save")}
                </Button>
              </p>
            )}
          </>
        )}
      </Form>
      <TryTutor id={id} content={content} />
      {persona.may_change && (
        <>
          <PersonaVersions id={id} version={persona.version} onRestored={show} />
          <p>
            <Button
              look="danger"
              onClick={() => {
                setOpen("delete");
              }}
            >
              {t("tutor.delete")}
            </Button>
          </p>
        </>
      )}
      {open === "share" && (
        <ShareTutor
          persona={persona}
          onShared={(next) => {
            setPersona({ ...persona, classes: next.classes, draft: next.draft });
            toast(t("tutor.shared"));
          }}
          onClose={() => {
            setOpen(null);
          }}
        />
      )}
      {open === "delete" && (
        <ConfirmDialog
          title={t("tutor.delete")}
          confirm={t("tutor.delete")}
          onConfirm={() => {
            setOpen(null);
            deletePersona(id).then(() => {
              navigate("/tutors", { careless: true });
            }, fail);
          }}
          onClose={() => {
            setOpen(null);
          }}
        >
          <p>{t("tutor.delete_text")}</p>
        </ConfirmDialog>
      )}
    </div>
  );
}
