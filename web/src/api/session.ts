import { newId } from "@/lib/id";
import { Observable } from "@/lib/observable";
import { tablet } from "@/lib/storage";
import { BoxError, get, keepSchool, post, remove, whenSignedOut } from "./client";
import type { BoxInfo, Me, Role, Session, SignedIn } from "./types";

/** Whether somebody is signed in here. */
export type SessionState =
  | { readonly is: "starting" }
  | { readonly is: "unreachable" }
  | { readonly is: "setup"; readonly box: BoxInfo } // nobody owns the box yet
  | { readonly is: "out"; readonly box: BoxInfo }
  | { readonly is: "in"; readonly box: BoxInfo; readonly me: Me };

export const session = new Observable<SessionState>({ is: "starting" });

const ranks: Record<Role, number> = { student: 1, teacher: 2, admin: 3, owner: 4 };

export function atLeast(me: Me, role: Role): boolean {
  return ranks[me.user.role] >= ranks[role];
}

/** Whose tablet it is just now; empty for nobody's. */
export function signedInAs(): string {
  const state = session.get();
  return state.is === "in" ? state.me.user.id : "";
}

export const loadBox = (): Promise<BoxInfo> => get<BoxInfo>("/api/v1/box");

/** Finds out who is signed in, with the cookies that scripts cannot see. */
export async function start(): Promise<void> {
  try {
    let box = await loadBox();
    if (!box.school && box.schools.length > 0) {
      keepSchool(box.schools);
      box = await loadBox();
    }
    if (box.setup_needed) {
      session.set({ is: "setup", box });
      return;
    }
    try {
      const me = await get<Me>("/api/v1/users/me");
      session.set({ is: "in", box, me });
      keepFresh(10 * 60);
    } catch (error) {
      if (!(error instanceof BoxError) || error.status !== 401) throw error;
      session.set({ is: "out", box });
    }
  } catch {
    session.set({ is: "unreachable" });
  }
}

const changedKey = "bwenge.session_changed";

// Another tab of this tablet has signed somebody in or out: what this one shows is
// not theirs.
window.addEventListener("storage", ({ key }) => {
  if (key === changedKey) window.location.reload();
});

/** After a sign-in: everything of whoever was here before is gone with the page. */
export function enter(_: SignedIn, to = "/"): void {
  tablet.set(changedKey, newId());
  window.location.assign(to);
}

/** Signs in without leaving the page, for the first boot. */
export function enterHere(signedIn: SignedIn, box: BoxInfo): void {
  session.set({ is: "in", box, me: { user: signedIn.user, organization: signedIn.organization } });
  keepFresh(signedIn.expires_in);
}

export async function signOut(to = "/"): Promise<void> {
  try {
    await post("/api/v1/auth/logout");
  } catch {
    // The box is out of reach, or the session had ended: it is over here all the same.
  }
  tablet.set(changedKey, newId());
  window.location.assign(to);
}

let refreshing: Promise<boolean> | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Gets new tokens before the old ones end, so that downloads and sockets go on. */
function keepFresh(seconds: number): void {
  clearTimeout(timer);
  timer = setTimeout(() => void refresh(), seconds * 800);
}

/**
 * Gets new tokens, once however many ask. A lost answer is asked for again: the
 * box gives the same tokens.
 */
export function refresh(): Promise<boolean> {
  refreshing ??= renew().finally(() => {
    refreshing = null;
  });
  return refreshing;
}

async function renew(tries = 3): Promise<boolean> {
  try {
    // Not by the client's post, which would ask for tokens itself.
    const response = await fetch("/api/v1/auth/refresh", {
      method: "POST",
      headers: { Accept: "application/json", "Content-Type": "application/json" },
      body: "{}",
    });
    if (!response.ok) return false;
    keepFresh(((await response.json()) as SignedIn).expires_in);
    return true;
  } catch {
    if (tries <= 1) return false;
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return renew(tries - 1);
  }
}

whenSignedOut(async (problem) => {
  if (problem.reason === "wrong_sign_in") return false;
  if (problem.reason === "token_expired" && (await refresh())) return true;
  const state = session.get();
  if (state.is === "in") session.set({ is: "out", box: state.box });
  return false;
});

export const mySessions = () => get<{ sessions: Session[] }>("/api/v1/users/me/sessions");
export const endSession = (id: string) => remove(`/api/v1/users/me/sessions/${encodeURIComponent(id)}`);
export const changePassword = (current: string, next: string) => post("/api/v1/users/me/password", { current, next });
