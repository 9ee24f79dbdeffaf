import { signedInAs } from "@/api/session";
import { tablet } from "@/lib/storage";

const prefix = "bwenge.draft.";
// A tablet is shared: everybody finds their own draft, and nobody another's.
const key = (conversation: string | undefined) => `${prefix}${signedInAs()}.${conversation ?? "new"}`;

/** The question that was begun but not asked, one for each conversation. */
export function loadDraft(conversation: string | undefined): string {
  return tablet.get(key(conversation)) ?? "";
}

export function saveDraft(conversation: string | undefined, text: string): void {
  tablet.set(key(conversation), text.trim() === "" ? null : text);
}

/** Gives what was typed before a conversation had an id to the conversation. */
export function adoptDraft(conversation: string): void {
  saveDraft(conversation, loadDraft(undefined));
  saveDraft(undefined, "");
}
