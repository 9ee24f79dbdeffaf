import { useEffect, useState } from "react";
import { problemOf } from "@/api/client";
import { joinClass, leaveClass, listMembers } from "@/api/people";
import { atLeast, session } from "@/api/session";
import type { Problem, SchoolClass, User } from "@/api/types";
import { useI18n } from "@/lib/i18n/i18n";
import { navigate } from "@/lib/router";
import { Button } from "@/ui/button";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { Failure } from "@/ui/failure";
import { SelectField } from "@/ui/field";
import { Form, formStyles as styles } from "@/ui/form";
import { toast } from "@/ui/live";

type Teacher = SchoolClass["teachers"][number];

interface TeachersProps {
  readonly room: SchoolClass;
  /** Reads the class again. */
  readonly onChanged: () => Promise<void>;
}

/** Who teaches a class: they alone, and the office, see its pupils and what concerns them. */
export function Teachers({ room, onChanged }: TeachersProps) {
  const { t } = useI18n();
  const [staff, setStaff] = useState<readonly User[]>([]);
  const [chosen, setChosen] = useState("");
  const [leaving, setLeaving] = useState<Teacher | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const fail = (error: unknown) => {
    setProblem(problemOf(error));
  };
  useEffect(() => {
    allTeachers().then(setStaff, fail);
  }, []);
  const state = session.get();
  const mine = state.is === "in" && !atLeast(state.me, "admin") ? state.me.user.id : "";
  const others = staff.filter((u) => !u.disabled && !room.teachers.some(({ id }) => id === u.id));
  const add = async () => {
    const name = others.find(({ id }) => id === chosen)?.name ?? "";
    setProblem(null);
    try {
      await joinClass(room.id, chosen);
      setChosen("");
      toast(t("people.added_one", { name }));
      await onChanged();
    } catch (error) {
      fail(error);
    }
  };
  const takeOut = async ({ id, name }: Teacher) => {
    setProblem(null);
    try {
      await leaveClass(room.id, id);
      toast(t("people.teacher_out", { name }));
      if (id === mine) navigate("/people");
      else await onChanged();
    } catch (error) {
      fail(error);
    }
  };
  return (
    <section className={styles.form} aria-label={t("people.teachers")}>
      <h2>{t("people.teachers")}</h2>
      <Failure problem={problem} />
      {room.teachers.length === 0 && <p>{t("people.no_teachers")}</p>}
      <ul className={styles.list}>
        {room.teachers.map((one) => (
          <li key={one.id} className={styles.item}>
            <span className={styles.grow}>{one.name}</span>
            <Button
              look="quiet"
              aria-label={t("people.take_out_of", { name: one.name })}
              onClick={() => {
                setLeaving(one);
              }}
            >
              {t("people.take_out")}
            </Button>
          </li>
        ))}
      </ul>
      {others.length > 0 && (
        <Form onSubmit={add}>
          {(busy) => (
            <div className={styles.row}>
              <SelectField
                label={t("people.add_teacher")}
                labelled
                value={chosen}
                options={[
                  { value: "", label: t("people.choose_teacher") },
                  ...others.map(({ id, name, username }) => ({
                    value: id,
                    label: username ? `${name} (${username})` : name,
                  })),
                ]}
                onChange={setChosen}
              />
              <Button type="submit" disabled={busy || chosen === ""}>
                {t("people.add_to_class")}
              </Button>
            </div>
          )}
        </Form>
      )}
      {leaving && (
        <ConfirmDialog
          title={t("people.take_out_title", { name: leaving.name, class: room.name })}
          confirm={t("people.take_out")}
          onClose={() => {
            setLeaving(null);
          }}
          onConfirm={() => {
            setLeaving(null);
            void takeOut(leaving);
          }}
        >
          <p>{leaving.id === mine ? t("people.take_out_self") : t("people.take_out_text")}</p>
          {room.teachers.length === 1 && <p>{t("people.take_out_last")}</p>}
        </ConfirmDialog>
      )}
    </section>
  );
}

async function allTeachers(): Promise<User[]> {
  const all: User[] = [];
  let cursor = "";
  do {
    const page = await listMembers({ role: "teacher", cursor, limit: 100 });
    all.push(...page.items);
    cursor = page.next ?? "";
  } while (cursor !== "");
  return all;
}
