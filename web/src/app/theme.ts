import { Observable } from "@/lib/observable";
import { tablet } from "@/lib/storage";

export const themes = ["auto", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

const storageKey = "bwenge.theme";
const darkSystem = window.matchMedia("(prefers-color-scheme: dark)");

function chosen(): Theme {
  const value = tablet.get(storageKey);
  return themes.find((theme) => theme === value) ?? "auto";
}

/** What was chosen; auto follows the tablet. */
export const theme = new Observable<Theme>(chosen());

export function chooseTheme(next: Theme): void {
  tablet.set(storageKey, next === "auto" ? null : next);
  theme.set(next);
}

/** Keeps the page in the chosen theme. */
export function applyTheme(): void {
  const apply = () => {
    const choice = theme.get();
    document.documentElement.dataset.theme = choice === "auto" ? (darkSystem.matches ? "dark" : "light") : choice;
  };
  apply();
  theme.subscribe(apply);
  darkSystem.addEventListener("change", apply);
}
