import { useI18n } from "@/lib/i18n/i18n";
import { TextField } from "@/ui/form";

/** What one of the staff chooses for an account. */
export interface StaffAccount {
  readonly name: string;
  readonly login: string;
  readonly password: string;
}

export const noAccount: StaffAccount = { name: "", login: "", password: "" };

export function isComplete({ name, login, password }: StaffAccount): boolean {
  return name.trim() !== "" && login.trim() !== "" && password !== "";
}

interface StaffFieldsProps {
  readonly account: StaffAccount;
  readonly onChange: (account: StaffAccount) => void;
}

export function StaffFields({ account, onChange }: StaffFieldsProps) {
  const { t } = useI18n();
  const set = (key: keyof StaffAccount) => (value: string) => {
    onChange({ ...account, [key]: value });
  };
  return (
    <>
      <TextField label={t("setup.name")} value={account.name} onChange={set("name")} autoComplete="name" />
      <TextField
        label={t("setup.login")}
        value={account.login}
        onChange={set("login")}
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
      />
      <TextField
        label={t("signin.password")}
        hint={t("setup.password_hint")}
        type="password"
        value={account.password}
        onChange={set("password")}
        autoComplete="new-password"
      />
    </>
  );
}
