import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { english, I18nProvider, loadTexts, preferredLanguage } from "@/lib/i18n/i18n";
import "@/ui/tokens.css";
import "@/ui/base.css";
import { App } from "./app";
import { applyTheme } from "./theme";

async function start(root: HTMLElement): Promise<void> {
  applyTheme();
  let language = preferredLanguage();
  const texts = await loadTexts(language).catch(() => {
    language = "en";
    return english;
  });
  createRoot(root).render(
    <StrictMode>
      <I18nProvider language={language} texts={texts}>
        <App />
      </I18nProvider>
    </StrictMode>,
  );
}

const root = document.getElementById("root");
if (root) void start(root);
