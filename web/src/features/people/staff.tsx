import { useCallback, useEffect, useState } from "react";
import { BoxError, problemOf } from "@/api/client";
import { qrUrl } from "@/api/door";
import {
  invite,
  joinClass,
  leaveClass,
  listInvitations,
  listMembers,
  removeMember,
  revokeInvitation,
  updateMember,
} from "@/api/people";
import type { Invitation, Me, Problem, Role, User } from "@/api/types";
import { useSharing } from "@/api/use-sharing";
import { useI18n } from "@/lib/i18n/i18n";
import { Button } from "@/ui/button";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { Dialog } from "@/ui/dialog";
import { Failure } from "@/ui/failure";
import { SearchField, SelectField } from "@/ui/field";
import { Check, Form, formStyles as styles, TextField } from "@/ui/form";
import { Spinner } from "@/ui/spinner";
import { ResetDialog } from "./reset-dialog";
import { usePaged } from "@/api/use-paged";

const roles = ["teacher", "admin", "owner"] as const;
type StaffRole = (typeof roles)[number];

/** Teachers and administrators, and invitations for more. */
export function Staff({ me }: { readonly me: Me }) {
  const { t } = useI18n();
  const [role, setRole] = useState<StaffRole>("teacher");
  const [search, setSearch] = useState("");
  const [inviting, setInviting] = useState(false);
  const load = useCallback((cursor: string) => listMembers({ role, search, cursor }), [role, search]);
  const { items, more, problem, reload } = usePaged(load);
  return (
    <section className={styles.form}>
      <div className={styles.head}>
        <h2>{t("people.staff")}</h2>
        <Button
          look="primary"
          onClick={() => {
            setInviting(true);
          }}
        >
          {t("people.invite")}
        </Button>
      </div>
      <div className={styles.row}>
        <SelectField
          label={t("people.role")}
          value={role}
          options={roles.map((value) => ({ value, label: t(`role.${value}`) }))}
          onChange={setRole}
        />
        <div className={styles.grow}>
          <SearchField label={t("people.search_staff")} value={search} onChange={setSearch} />
        </div>
      </div>
      <Failure problem={problem} />
      {items === null && !problem && <Spinner label={t("state.loading")} />}
      {items?.length === 0 && <p>{t(search.trim() === "" ? "people.none_of_role" : "people.none_found")}</p>}
      <ul className={styles.list}>
        {items?.map((u) => (
          <Member key={u.id} user={u} me={me} onChanged={reload} />
        ))}
      </ul>
      {more && <Button onClick={more}>{t("action.more")}</Button>}
      <Invitations key={String(inviting)} />
      {inviting && (
        <Invite
          me={me}
          onClose={() => {
            setInviting(false);
          }}
        />
      )}
    </section>
  );
}

interface MemberProps {
  readonly user: User;
  readonly me: Me;
  readonly onChanged: () => void;
}

function Member({ user, me, onChanged }: MemberProps) {
  const { t } = useI18n();
  const [open, setOpen] = useState<"edit" | "reset" | null>(null);
  const close = () => {
    setOpen(null);
    onChanged();
  };
  return (
    <li className={styles.item}>
      <span className={styles.grow}>
        {user.name} <span className={styles.soft}>{user.username}</span>
        {user.disabled && <strong> · {t("people.disabled")}</strong>}
        <br />
        <span className={styles.soft}>
          {user.classes.map(({ name }) => name).join(", ") || (user.role === "teacher" && t("people.no_class_yet"))}
        </span>
      </span>
      {user.id !== me.user.id && (
        <>
          <Button
            aria-label={t("people.edit_of", { name: user.name })}
            onClick={() => {
              setOpen("edit");
            }}
          >
            {t("people.edit")}
          </Button>
          <Button
            look="quiet"
            aria-label={t("people.reset_of", { name: user.name })}
            onClick={() => {
              setOpen("reset");
            }}
          >
            {t("people.reset_password")}
          </Button>
        </>
      )}
      {open === "edit" && <Edit user={user} me={me} onClose={close} />}
      {open === "reset" && <ResetDialog user={user} onClose={close} />}
    </li>
  );
}

function Edit({ user, me, onClose }: { readonly user: User; readonly me: Me; readonly onClose: () => void }) {
  const { t } = useI18n();
  const [now, setNow] = useState(user);
  const [rooms, setRooms] = useState(user.classes.map(({ id }) => id));
  const sharing = useSharing();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [erasing, setErasing] = useState(false);
  const may: readonly Role[] = me.user.role === "owner" ? roles : ["teacher", "admin"];
  const save = async () => {
    setProblem(null);
    try {
      setNow(await updateMember(now));
      if (now.role === "teacher") await teach(user, rooms);
      onClose();
    } catch (error) {
      const told = problemOf(error);
      setProblem(told);
      if (error instanceof BoxError && told.reason === "changed_meanwhile") {
        // What the other one made of it is kept; only the version moves on.
        setNow({ ...now, version: (told.params?.current as User).version });
      }
    }
  };
  if (erasing) {
    return (
      <ConfirmDialog
        title={t("people.remove_title", { name: user.name })}
        confirm={t("people.erase")}
        onClose={() => {
          setErasing(false);
        }}
        onConfirm={() => {
          setErasing(false);
          removeMember(user.id).then(onClose, (error: unknown) => {
            setProblem(problemOf(error));
          });
        }}
      >
        <p>{t("people.erase_text")}</p>
      </ConfirmDialog>
    );
  }
  return (
    <Dialog title={user.name} onClose={onClose}>
      <Form onSubmit={save}>
        {(busy) => (
          <>
            <Failure problem={problem ?? sharing.problem} />
            <TextField
              label={t("setup.name")}
              value={now.name}
              onChange={(name) => {
                setNow({ ...now, name });
              }}
            />
            <SelectField
              label={t("people.role")}
              labelled
              value={now.role}
              options={may.map((value) => ({ value, label: t(`role.${value}`) }))}
              onChange={(role) => {
                setNow({ ...now, role });
              }}
            />
            {now.role === "teacher" && sharing.classes.length > 0 && (
              <fieldset className={styles.choices}>
                <legend className={styles.label}>{t("people.teaches")}</legend>
                {sharing.classes.map(({ id, name }) => (
                  <Check
                    key={id}
                    label={name}
                    checked={rooms.includes(id)}
                    onChange={(on) => {
                      setRooms(on ? [...rooms, id] : rooms.filter((one) => one !== id));
                    }}
                  />
                ))}
              </fieldset>
            )}
            <Check
              label={t("people.disable")}
              checked={now.disabled}
              onChange={(disabled) => {
                setNow({ ...now, disabled });
              }}
            />
            <div className={styles.row}>
              <Button type="submit" look="primary" disabled={busy}>
                {t("people.save")}
              </Button>
              <Button
                look="danger"
                onClick={() => {
                  setErasing(true);
                }}
              >
                {t("people.erase")}
              </Button>
            </div>
          </>
        )}
      </Form>
    </Dialog>
  );
}

/** Makes the classes of a teacher those that were ticked. */
async function teach(user: User, rooms: readonly string[]): Promise<void> {
  const had = user.classes.map(({ id }) => id);
  for (const id of rooms) if (!had.includes(id)) await joinClass(id, user.id);
  for (const id of had) if (!rooms.includes(id)) await leaveClass(id, user.id);
}

function Invite({ me, onClose }: { readonly me: Me; readonly onClose: () => void }) {
  const { t } = useI18n();
  const [role, setRole] = useState<StaffRole>("teacher");
  const [email, setEmail] = useState("");
  const [room, setRoom] = useState("");
  const sharing = useSharing();
  const [made, setMade] = useState<Invitation | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const may = me.user.role === "owner" ? roles : (["teacher", "admin"] as const);
  return (
    <Dialog title={t("people.invite")} onClose={onClose}>
      {made ? (
        <Shown invitation={made} />
      ) : (
        <Form
          onSubmit={async () => {
            try {
              setMade(await invite(role, email, role === "teacher" ? room : ""));
            } catch (error) {
              setProblem(problemOf(error));
            }
          }}
        >
          {(busy) => (
            <>
              <Failure problem={problem ?? sharing.problem} />
              <SelectField
                label={t("people.role")}
                labelled
                value={role}
                options={may.map((value) => ({ value, label: t(`role.${value}`) }))}
                onChange={setRole}
              />
              {role === "teacher" && (
                <SelectField
                  label={t("people.invite_class")}
                  labelled
                  value={room}
                  options={[
                    { value: "", label: t("people.invite_no_class") },
                    ...sharing.classes.map(({ id, name }) => ({ value: id, label: name })),
                  ]}
                  onChange={setRoom}
                />
              )}
              <TextField
                label={t("people.email")}
                hint={t("people.email_hint")}
                type="email"
                value={email}
                onChange={setEmail}
              />
              <p>
                <Button type="submit" look="primary" disabled={busy}>
                  {t("people.make_invitation")}
                </Button>
              </p>
            </>
          )}
        </Form>
      )}
    </Dialog>
  );
}

function Shown({ invitation }: { readonly invitation: Invitation }) {
  const { t } = useI18n();
  return (
    <div className={styles.form}>
      <p>{t("people.invite_text")}</p>
      <p className={styles.code}>{invitation.code}</p>
      <p>
        <a href={invitation.url}>{invitation.url}</a>
      </p>
      <img className={styles.qr} src={qrUrl(`/invite/${invitation.code}`)} alt={t("people.qr")} />
    </div>
  );
}

function Invitations() {
  const { t, language } = useI18n();
  const [all, setAll] = useState<readonly Invitation[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const fail = (error: unknown) => {
    setProblem(problemOf(error));
  };
  const load = () => {
    listInvitations().then(({ invitations }) => {
      setAll(invitations);
    }, fail);
  };
  useEffect(load, []);
  const open = all.filter(({ used_at: used }) => used === undefined);
  if (open.length === 0) return <Failure problem={problem} />;
  return (
    <>
      <h3>{t("people.invitations")}</h3>
      <Failure problem={problem} />
      <ul className={styles.list}>
        {open.map((one) => (
          <li key={one.id} className={styles.item}>
            <span className={styles.grow}>
              <strong>{one.code}</strong> · {t(`role.${one.role}`)} {one.email}
              <br />
              <span className={styles.soft}>{new Date(one.created_at).toLocaleDateString(language)}</span>
            </span>
            <Button
              onClick={() => {
                setProblem(null);
                revokeInvitation(one.id).then(load, fail);
              }}
            >
              {t("people.revoke")}
            </Button>
          </li>
        ))}
      </ul>
    </>
  );
}
