import { useState } from "react";
import { problemOf } from "@/api/client";
import { changeSources } from "@/api/material";
import { useSharing } from "@/api/use-sharing";
import { problemText } from "@/lib/i18n/problem";
import { useI18n } from "@/lib/i18n/i18n";
import { Button } from "@/ui/button";
import { ChooseDialog } from "@/ui/choose-dialog";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { Dialog } from "@/ui/dialog";
import { Form } from "@/ui/form";
import { toast } from "@/ui/live";
import { LabelFields } from "./edit-dialog";
import styles from "./material-screen.module.css";

interface ManyBarProps {
  readonly chosen: readonly string[];
  readonly onAll: () => void;
  readonly onDone: () => void;
}

/** What is done to all that are chosen, at once. */
export function ManyBar({ chosen, onAll, onDone }: ManyBarProps) {
  const { t, language, problems } = useI18n();
  const [open, setOpen] = useState<"sort" | "classes" | "delete" | null>(null);
  const [labels, setLabels] = useState({ subject: "", grade: "", folder: "" });
  const close = () => {
    setOpen(null);
  };
  const change = async (what: Parameters<typeof changeSources>[1]): Promise<boolean> => {
    try {
      const { changed, refused } = await changeSources(chosen, what);
      const said = [t("many.done", { count: changed.length })];
      const why = refused[0]?.problem;
      if (why)
        said.push(t("many.refused", { count: refused.length, why: problemText(language, problems, why).message }));
      toast(said.join(" "));
      close();
      onDone();
      return true;
    } catch (error) {
      toast(problemText(language, problems, problemOf(error)).message);
      return false;
    }
  };
  const none = chosen.length === 0;
  return (
    <div className={styles.filters}>
      <span>{t("many.count", { count: chosen.length })}</span>
      <Button onClick={onAll}>{t("many.all")}</Button>
      <Button
        disabled={none}
        onClick={() => {
          setOpen("sort");
        }}
      >
        {t("many.sort")}
      </Button>
      <Button
        disabled={none}
        onClick={() => {
          setOpen("classes");
        }}
      >
        {t("many.classes")}
      </Button>
      <Button
        look="danger"
        disabled={none}
        onClick={() => {
          setOpen("delete");
        }}
      >
        {t("many.delete")}
      </Button>
      {open === "sort" && (
        <Dialog title={t("many.sort")} onClose={close}>
          <Form
            onSubmit={async () => {
              await change(Object.fromEntries(Object.entries(labels).filter(([, value]) => value.trim() !== "")));
            }}
          >
            {(busy) => (
              <>
                <p>{t("many.keep_blank")}</p>
                <LabelFields
                  {...labels}
                  onChange={(some) => {
                    setLabels({ ...labels, ...some });
                  }}
                />
                <p>
                  <Button type="submit" look="primary" disabled={busy}>
                    {t("text.save")}
                  </Button>
                </p>
              </>
            )}
          </Form>
        </Dialog>
      )}
      {open === "classes" && <ManyClasses onSave={(classes) => change({ classes })} onClose={close} />}
      {open === "delete" && (
        <ConfirmDialog
          title={t("many.count", { count: chosen.length })}
          confirm={t("action.delete")}
          onClose={close}
          onConfirm={() => void change({ delete: true })}
        >
          <p>{t("many.delete_text")}</p>
        </ConfirmDialog>
      )}
    </div>
  );
}

interface ManyClassesProps {
  readonly onSave: (classes: readonly string[]) => Promise<boolean>;
  readonly onClose: () => void;
}

function ManyClasses({ onSave, onClose }: ManyClassesProps) {
  const { t } = useI18n();
  const { classes } = useSharing();
  return (
    <ChooseDialog
      title={t("material.share_title")}
      text={t("material.share_text")}
      all={classes}
      first={[]}
      onSave={onSave}
      onClose={onClose}
    />
  );
}
