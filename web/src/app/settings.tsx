import { useI18n } from "@/lib/i18n/i18n";
import { languages, type Language } from "@/lib/i18n/plural";
import { useObservable } from "@/lib/observable";
import { classes } from "@/ui/classes";
import { Dialog } from "@/ui/dialog";
import { toast } from "@/ui/live";
import { chooseTheme, theme, themes } from "./theme";
import styles from "./settings.module.css";

const languageNames = Object.entries(languages) as [Language, string][];

export function Settings({ onClose }: { readonly onClose: () => void }) {
  const { t, language, setLanguage } = useI18n();
  const chosenTheme = useObservable(theme);
  return (
    <Dialog title={t("settings.title")} onClose={onClose}>
      <Choice
        legend={t("settings.language")}
        name="language"
        value={language}
        options={languageNames.map(([value, label]) => ({ value, label, lang: value }))}
        onChange={(next) => {
          void setLanguage(next).then((changed) => {
            if (!changed) toast(t("state.unreachable"));
          });
        }}
      />
      <Choice
        legend={t("settings.theme")}
        name="theme"
        value={chosenTheme}
        options={themes.map((value) => ({ value, label: t(`settings.theme.${value}`) }))}
        onChange={chooseTheme}
      />
    </Dialog>
  );
}

interface ChoiceProps<T extends string> {
  readonly legend: string;
  readonly name: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: string; readonly lang?: string }[];
  readonly onChange: (value: T) => void;
}

function Choice<T extends string>({ legend, name, value, options, onChange }: ChoiceProps<T>) {
  return (
    <fieldset className={styles.choice}>
      <legend>{legend}</legend>
      <div className={styles.options}>
        {options.map((option) => (
          <label
            key={option.value}
            lang={option.lang}
            className={classes(styles.option, option.value === value && styles.chosen)}
          >
            <input
              type="radio"
              className="visually-hidden"
              name={name}
              checked={option.value === value}
              onChange={() => {
                onChange(option.value);
              }}
            />
            {option.label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
