import { formatNumber, type Translate } from "./i18n/translate";
import type { Language } from "./i18n/plural";

/** A length of time in a recording: 4:05, or 1:02:09 from an hour on. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n: number) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${String(h)}:${two(m)}:${two(s)}` : `${String(m)}:${two(s)}`;
}

/** A file's size in the unit that keeps the number short. 1 kB is 1000 bytes, as Android counts. */
export function fileSize(language: Language, bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"] as const;
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${formatNumber(language, value, value < 10 && unit > 0 ? 1 : 0)} ${units[unit] ?? "B"}`;
}

const soon = 10; // seconds; less is not worth counting

/** A length of time, rounded so that it does not flicker: nobody needs the seconds of six minutes. */
export function roughly(t: Translate, seconds: number): string {
  if (seconds < 55) return t("time.seconds", { count: Math.ceil(seconds / 5) * 5 });
  if (seconds < 3570) return t("time.minutes", { count: Math.ceil(seconds / 60) });
  const halves = Math.round(seconds / 1800) / 2;
  return t("time.hours", { count: halves });
}

/** How long work may still take. */
export function timeLeft(t: Translate, seconds: number): string {
  return seconds < soon ? t("time.soon") : t("time.left", { time: roughly(t, seconds) });
}

/** How long it may take until a question is answered. */
export function queueTime(t: Translate, seconds: number): string {
  return seconds < soon ? t("ask.queue_soon") : t("ask.queue_time", { time: roughly(t, seconds) });
}

/**
 * A day as a list shows it: the time today, else the date. Boxes often have no
 * clock of their own, so nothing here counts days.
 */
export function shortDate(iso: string, now: Date = new Date()): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return "";
  const two = (n: number) => String(n).padStart(2, "0");
  if (date.toDateString() === now.toDateString()) return `${two(date.getHours())}:${two(date.getMinutes())}`;
  const day = `${two(date.getDate())}/${two(date.getMonth() + 1)}`;
  return date.getFullYear() === now.getFullYear() ? day : `${day}/${String(date.getFullYear())}`;
}
