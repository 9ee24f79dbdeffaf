import { useId, type ReactNode } from "react";
import { SearchIcon } from "./icons";
import styles from "./field.module.css";

interface SearchFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

export function SearchField({ label, value, onChange }: SearchFieldProps) {
  return (
    <label className={styles.search}>
      <span className="visually-hidden">{label}</span>
      <SearchIcon size={20} />
      <input
        type="search"
        className={styles.input}
        placeholder={label}
        value={value}
        maxLength={200}
        enterKeyHint="search"
        onChange={(event) => {
          onChange(event.target.value);
        }}
      />
    </label>
  );
}

interface SelectFieldProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: string; readonly lang?: string }[];
  readonly onChange: (value: T) => void;
  readonly icon?: ReactNode;
  /** Shows the label, not only to a screen reader. */
  readonly labelled?: boolean;
}

export function SelectField<T extends string>({
  label,
  value,
  options,
  onChange,
  icon,
  labelled = false,
}: SelectFieldProps<T>) {
  const id = useId();
  return (
    <div className={styles.select}>
      <label htmlFor={id} className={labelled ? styles.label : "visually-hidden"}>
        {label}
      </label>
      <span className={styles.box}>
        {icon}
        <select
          id={id}
          className={styles.choice}
          value={value}
          onChange={(event) => {
            // The browser only ever reports one of our own options.
            onChange(event.target.value as T);
          }}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value} lang={option.lang}>
              {option.label}
            </option>
          ))}
        </select>
      </span>
    </div>
  );
}
