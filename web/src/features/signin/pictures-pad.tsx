import { useEffect, useState } from "react";
import { problemOf } from "@/api/client";
import { connection } from "@/api/connection";
import { listPictures, pictureUrl } from "@/api/door";
import type { Problem } from "@/api/types";
import { useI18n } from "@/lib/i18n/i18n";
import { useObservable } from "@/lib/observable";
import { Button } from "@/ui/button";
import { Failure } from "@/ui/failure";
import { formStyles as styles } from "@/ui/form";
import { pick } from "./pictures";

interface PicturesPadProps {
  /** How many there are on the pupil's card: three on old ones, four on new ones. */
  readonly count: number;
  /** As many pictures were chosen. It resolves when they were not the right ones. */
  readonly onChosen: (pictures: readonly string[]) => Promise<void>;
}

/** All pictures, of which pupils tap theirs in order. */
export function PicturesPad({ count, onChosen }: PicturesPadProps) {
  const { t } = useI18n();
  const [all, setAll] = useState<readonly string[]>([]);
  const [chosen, setChosen] = useState<readonly string[]>([]);

  const [problem, setProblem] = useState<Problem | null>(null);
  const { returns } = useObservable(connection);
  useEffect(() => {
    listPictures().then(
      ({ pictures }) => {
        setProblem(null);
        setAll(pictures);
      },
      (error: unknown) => {
        setProblem(problemOf(error));
      },
    );
  }, [returns]);

  const tap = (id: string) => {
    const next = pick(chosen, id, count);
    setChosen(next);
    if (next.length === count) {
      void onChosen(next).finally(() => {
        setChosen([]);
      });
    }
  };

  return (
    <div className={styles.form}>
      <Failure problem={problem} />
      <ol className={styles.shown} aria-label={t("signin.chosen")}>
        {Array.from({ length: count }, (_, i) => {
          const id = chosen[i];
          return <li key={i}>{id !== undefined && <img src={pictureUrl(id)} alt={pictureName(t, id)} />}</li>;
        })}
      </ol>
      <div className={styles.pictures}>
        {all.map((id) => (
          <button
            key={id}
            type="button"
            className={styles.picture}
            aria-label={pictureName(t, id)}
            disabled={chosen.includes(id) || chosen.length === count}
            onClick={() => {
              tap(id);
            }}
          >
            <img src={pictureUrl(id)} alt="" />
          </button>
        ))}
      </div>
      <p>
        <Button
          look="quiet"
          disabled={chosen.length === 0}
          onClick={() => {
            setChosen([]);
          }}
        >
          {t("signin.clear")}
        </Button>
      </p>
    </div>
  );
}

type Translate = ReturnType<typeof useI18n>["t"];

const known = [
  "sun",
  "moon",
  "star",
  "tree",
  "fish",
  "bird",
  "house",
  "cow",
  "drum",
  "cup",
  "ball",
  "flower",
  "boat",
  "banana",
  "key",
  "umbrella",
] as const;

/** A picture in a word, for those who do not see it. */
function pictureName(t: Translate, id: string): string {
  const name = known.find((one) => one === id);
  return name ? t(`picture.${name}`) : id;
}
