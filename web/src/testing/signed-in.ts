import { session } from "@/api/session";
import type { BoxInfo, Role } from "@/api/types";

/** Puts somebody of a role at the tablet. */
export function signInAs(role: Role): void {
  const box: BoxInfo = {
    version: "test",
    setup_needed: false,
    claim_code_needed: false,
    secure: true,
    authority: false,
    address: "http://box",
    schools: [],
  };
  const at = "2026-01-01T00:00:00Z";
  session.set({
    is: "in",
    box,
    me: {
      user: {
        id: role,
        role,
        name: role,
        sign_in: "password",
        classes: [],
        version: 1,
        created_at: at,
        disabled: false,
      },
      organization: {
        id: "default",
        name: "GS Kibeho",
        slug: "kibeho",
        language: "en",
        settings: { allow_plain_passwords: false, idle_minutes: 10, memory: false },
        version: 1,
        created_at: at,
      },
    },
  });
}
