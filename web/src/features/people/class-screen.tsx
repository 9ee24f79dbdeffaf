import { useCallback, useEffect, useState } from "react";
import { problemOf } from "@/api/client";
import { qrUrl } from "@/api/door";
import {
  addPupil,
  cardsUrl,
  deleteClass,
  getClass,
  leaveClass,
  letClassIn,
  listMembers,
  newClassCode,
  removeMember,
  updateClass,
} from "@/api/people";
import type { Problem, SchoolClass, User } from "@/api/types";
import { useI18n } from "@/lib/i18n/i18n";
import { Link, navigate } from "@/lib/router";
import { Button, buttonClass } from "@/ui/button";
import { Callout } from "@/ui/callout";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { Failure } from "@/ui/failure";
import { SearchField } from "@/ui/field";
import { Form, formStyles as styles, TextField } from "@/ui/form";
import { toast } from "@/ui/live";
import { PageTitle } from "@/ui/page-title";
import { Spinner } from "@/ui/spinner";
import { ResetDialog } from "./reset-dialog";
import RosterPanel from "./roster-panel";
import { Teachers } from "./teachers";
import { UndoImport } from "./undo-import";
import { usePaged } from "@/api/use-paged";

type Open = "roster" | "rename" | "delete" | "code" | null;

/** One class: its pupils, its door, its cards. */
export default function ClassScreen({ id }: { readonly id: string }) {
  const { t } = useI18n();
  const [room, setRoom] = useState<SchoolClass | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [open, setOpen] = useState<Open>(null);
  const [search, setSearch] = useState("");
  const [undo, setUndo] = useState<string | null>(null);
  const fail = (error: unknown) => {
    setProblem(problemOf(error));
  };
  useEffect(() => {
    getClass(id).then(setRoom, fail);
  }, [id]);
  const load = useCallback(
    (cursor: string) => listMembers({ class: id, role: "student", search, cursor, limit: 100 }),
    [id, search],
  );
  const pupils = usePaged(load);
  const close = () => {
    setOpen(null);
  };
  if (!room) return problem ? <Failure problem={problem} /> : <Spinner label={t("state.loading")} />;
  return (
    <div className={styles.page}>
      <p>
        <Link href="/people" className={styles.alone}>
          {t("people.back")}
        </Link>
      </p>
      <div className={styles.head}>
        <PageTitle>{room.name}</PageTitle>
        <div className={styles.row}>
          <a className={buttonClass("primary")} href={cardsUrl(id)} target="_blank" rel="noreferrer">
            {t("people.cards")}
          </a>
          <Button
            onClick={() => {
              setOpen("roster");
            }}
          >
            {t("people.load")}
          </Button>
          <Button
            onClick={() => {
              setOpen("rename");
            }}
          >
            {t("people.rename")}
          </Button>
        </div>
      </div>
      <Failure problem={problem ?? pupils.problem} />
      {room.locked && (
        <Callout tone="sun" title={t("people.locked")}>
          <p>{t("people.locked_text", { count: room.wrong_tries })}</p>
          <p>
            <Button
              onClick={() => {
                letClassIn(id)
                  .then(() => {
                    toast(t("people.was_let_in"));
                    return getClass(id).then(setRoom);
                  })
                  .catch(fail);
              }}
            >
              {t("people.let_in")}
            </Button>
          </p>
        </Callout>
      )}
      {undo !== null && (
        <UndoImport
          id={undo}
          onUndone={() => {
            setUndo(null);
            pupils.reload();
          }}
        />
      )}
      <section className={styles.row} aria-label={t("people.door")}>
        <img className={styles.qr} src={qrUrl(`/join/${room.code}`)} alt={t("people.qr")} />
        <div>
          <p>{t("signin.code")}</p>
          <p className={styles.code}>{room.code}</p>
          <p>
            <Button
              look="quiet"
              onClick={() => {
                setOpen("code");
              }}
            >
              {t("people.new_code")}
            </Button>
          </p>
        </div>
      </section>
      <AddPupil
        classId={id}
        onAdded={() => {
          pupils.reload();
        }}
      />
      <SearchField label={t("people.search_pupil")} value={search} onChange={setSearch} />
      {pupils.items?.length === 0 && (
        <EmptyState title={search === "" ? t("people.no_pupils") : t("people.none_found")}>
          {search === "" && t("people.no_pupils_text")}
        </EmptyState>
      )}
      <ul className={styles.list}>
        {pupils.items?.map((u) => (
          <Pupil
            key={u.id}
            user={u}
            room={room}
            onChanged={() => {
              setProblem(null);
              pupils.reload();
            }}
            onFailed={fail}
          />
        ))}
      </ul>
      {pupils.more && <Button onClick={pupils.more}>{t("action.more")}</Button>}
      <Teachers room={room} onChanged={() => getClass(id).then(setRoom)} />
      <p>
        <Button
          look="danger"
          onClick={() => {
            setOpen("delete");
          }}
        >
          {t("people.delete_class")}
        </Button>
      </p>
      {open === "roster" && (
        <Dialog title={t("people.load")} onClose={close}>
          <RosterPanel
            classId={id}
            onDone={(_, count, importId) => {
              close();
              setUndo(importId);
              toast(t("people.added", { count }));
              pupils.reload();
            }}
          />
        </Dialog>
      )}
      {open === "rename" && <Rename room={room} onChanged={setRoom} onClose={close} />}
      {open === "code" && (
        <ConfirmDialog
          title={t("people.new_code")}
          confirm={t("people.new_code")}
          onClose={close}
          onConfirm={() => {
            close();
            newClassCode(id).then(setRoom, fail);
          }}
        >
          <p>{t("people.new_code_text")}</p>
        </ConfirmDialog>
      )}
      {open === "delete" && (
        <ConfirmDialog
          title={t("people.delete_class")}
          confirm={t("action.delete")}
          onClose={close}
          onConfirm={() => {
            close();
            deleteClass(id).then(() => {
              navigate("/people");
            }, fail);
          }}
        >
          <p>{t("people.delete_class_text")}</p>
        </ConfirmDialog>
      )}
    </div>
  );
}

function AddPupil({ classId, onAdded }: { readonly classId: string; readonly onAdded: () => void }) {
  const { t } = useI18n();
  const [name, setName] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  return (
    <Form
      onSubmit={async () => {
        setProblem(null);
        try {
          const { user } = await addPupil(name, [classId]);
          toast(t("people.added_one", { name: user.name }));
          setName("");
          onAdded();
        } catch (error) {
          setProblem(problemOf(error));
        }
      }}
    >
      {(busy) => (
        <>
          <Failure problem={problem} />
          <div className={styles.row}>
            <div className={styles.grow}>
              <TextField label={t("people.pupil_name")} value={name} onChange={setName} autoComplete="off" />
            </div>
            <Button type="submit" disabled={busy || name.trim() === ""}>
              {t("people.add_pupil")}
            </Button>
          </div>
        </>
      )}
    </Form>
  );
}

interface PupilProps {
  readonly user: User;
  readonly room: SchoolClass;
  readonly onChanged: () => void;
  readonly onFailed: (error: unknown) => void;
}

function Pupil({ user, room, onChanged, onFailed }: PupilProps) {
  const { t } = useI18n();
  const [open, setOpen] = useState<"reset" | "remove" | "erase" | null>(null);
  const close = () => {
    setOpen(null);
  };
  return (
    <li className={styles.item}>
      <span className={styles.grow}>{user.name}</span>
      <Button
        aria-label={t("people.reset_of", { name: user.name })}
        onClick={() => {
          setOpen("reset");
        }}
      >
        {user.sign_in === "pin" ? t("people.reset_pin") : t("people.reset")}
      </Button>
      <Button
        look="quiet"
        aria-label={t("people.remove_of", { name: user.name })}
        onClick={() => {
          setOpen("remove");
        }}
      >
        {t("people.remove")}
      </Button>
      {open === "reset" && <ResetDialog user={user} classId={room.id} onClose={close} />}
      {open === "remove" && (
        <Dialog
          title={t("people.remove_title", { name: user.name })}
          onClose={close}
          actions={
            <>
              <Button onClick={close}>{t("action.keep")}</Button>
              <Button
                onClick={() => {
                  close();
                  leaveClass(room.id, user.id).then(onChanged, onFailed);
                }}
              >
                {t("people.leave")}
              </Button>
              <Button
                look="danger"
                onClick={() => {
                  close();
                  removeMember(user.id).then(onChanged, onFailed);
                }}
              >
                {t("people.erase")}
              </Button>
            </>
          }
        >
          <p>{t("people.remove_text")}</p>
        </Dialog>
      )}
    </li>
  );
}

interface RenameProps {
  readonly room: SchoolClass;
  readonly onChanged: (room: SchoolClass) => void;
  readonly onClose: () => void;
}

function Rename({ room, onChanged, onClose }: RenameProps) {
  const { t } = useI18n();
  const [name, setName] = useState(room.name);
  const [problem, setProblem] = useState<Problem | null>(null);
  return (
    <Dialog title={t("people.rename")} onClose={onClose}>
      <Form
        onSubmit={async () => {
          try {
            onChanged(await updateClass({ ...room, name }));
            onClose();
          } catch (error) {
            setProblem(problemOf(error));
          }
        }}
      >
        {(busy) => (
          <>
            <Failure problem={problem} />
            <TextField label={t("people.class_name")} value={name} onChange={setName} />
            <p>
              <Button type="submit" look="primary" disabled={busy || name.trim() === ""}>
                {t("people.save")}
              </Button>
            </p>
          </>
        )}
      </Form>
    </Dialog>
  );
}
