import type { Language } from "./plural";
import { fill, type Params } from "./translate";

/**
 * The problems and notices that have a translation, by the box's own words for
 * them. Those of the command line and of programmers stay English.
 */
export const reasons = [
  "unreachable",
  "internal",
  "file_empty",
  "unsupported_type",
  "old_format",
  "password",
  "copy_protected",
  "damaged",
  "no_text",
  "not_text",
  "too_complex",
  "image_too_large",
  "too_much_memory",
  "too_slow",
  "reader_failed",
  "no_sound",
  "too_short",
  "tool_failed",
  "tool_missing",
  "quarantined",
  "disk_full",
  "file_too_large",
  "upload_stalled",
  "upload_broken",
  "upload_interrupted",
  "file_missing",
  "archive_cut",
  "archive_chosen",
  "archive_replaced",
  "nothing_selected",
  "source_not_found",
  "upload_classes",
  "upload_field",
  "provider_forbidden",
  "class_exists",
  "not_your_class",
  "not_your_pupil",
  "pupil_shared",
  "roster_other_class",
  "import_other_class",
  "not_your_material",
  "not_your_persona",
  "not_your_pin",
  "pin_for_all",
  "pin_empty",
  "pin_long",
  "pin_unclear",
  "pin_unsafe",
  "class_has_pins",
  "pin_not_found",
  "answer_not_found",
  "feedback_not_found",
  "passage_not_found",
  "classes_changed",
  "conversation_not_found",
  "class_code_unknown",
  "archive_not_found",
  "roster_long",
  "roster_unreadable",
  "roster_twice",
  "roster_no_id",
  "roster_other_name",
  "source_ended",
  "source_not_failed",
  "source_updating",
  "source_busy",
  "page_not_found",
  "page_too_long",
  "not_a_picture",
  "no_title",
  "same_name",
  "database_busy",
  "database_unwritable",
  "weights_missing",
  "weights_damaged",
  "engine_missing",
  "engine_down",
  "engine_silent",
  "engine_start",
  "engine_slow_start",
  "engine_busy",
  "tutor_busy",
  "too_many_questions",
  "question_long",
  "question_too_long",
  "answer_cut_short",
  "box_stopping",
  "stopping",
  "timeout",
  "roster_role",
  "roster_sum",
  "roster_heading",
  "roster_gone",
  "roster_role_unknown",
  "roster_adult",
  "roster_alone",
  "roster_name",
  "roster_not_names",
  "roster_not_pupils",
  "roster_unsure",
  "roster_not_a_pupil",
  "claim_code_needed",
  "claim_code_wrong",
  "too_many_attempts",
  "class_locked",
  "sign_in_busy",
] as const;

export const notices = [
  "pages_unreadable",
  "text_truncated",
  "partly_read",
  "articles_unreadable",
  "archive_short",
  "encoding_unsure",
  "pictures_not_read",
  "recording_truncated",
  "captions_used",
  "no_speech",
  "too_quiet",
  "formulas_lost",
  "cell_errors",
  "hidden_left_out",
] as const;

/** What happened, and what to do. */
export interface Sentences {
  readonly message: string;
  readonly hint?: string;
}

/**
 * A language's problems and notices. English has none: the box itself writes
 * English, and fits it to the case.
 */
export interface Problems {
  readonly problems: Readonly<Record<(typeof reasons)[number], Sentences>>;
  readonly notices: Readonly<Record<(typeof notices)[number], string>>;
}

type Told = Sentences & {
  readonly reason?: string;
  readonly params?: Readonly<Record<string, unknown>>;
};

type ToldNotice = Omit<Told, "reason"> & { readonly code: string };

/** A problem in the reader's language where its reason is known, else in the box's words. */
export function problemText(language: Language, known: Problems | null, told: Told): Sentences {
  const sentences = find(known?.problems, told.reason);
  const params = simple(told.params);
  const message = sentences && filled(language, sentences.message, params);
  if (!sentences || message === undefined) {
    return { message: told.message, ...(told.hint && { hint: told.hint }) };
  }
  const hint = filled(language, sentences.hint ?? "", params);
  return { message, ...(hint && { hint }) };
}

export function noticeText(language: Language, known: Problems | null, notice: ToldNotice): string {
  const text = find(known?.notices, notice.code);
  const shown = text === undefined ? undefined : filled(language, text, simple(notice.params));
  return shown ?? notice.message;
}

function find<T>(texts: Readonly<Record<string, T>> | undefined, word: string | undefined): T | undefined {
  if (!texts || word === undefined || !Object.prototype.hasOwnProperty.call(texts, word)) return undefined;
  return texts[word];
}

function simple(params: Told["params"] = {}): Params {
  const kept: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(params)) {
    if (typeof value === "string" || typeof value === "number") kept[name] = value;
  }
  return kept;
}

/** Undefined where the box did not send a value that the text names. */
function filled(language: Language, text: string, params: Params): string | undefined {
  const result = fill(language, text, params);
  return /\{\w+\}/.test(result) ? undefined : result;
}
