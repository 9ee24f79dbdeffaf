import { get, patch, post, put, remove } from "./client";
import { session } from "./session";
import type {
  AuditEntry,
  Imported,
  ImportPreview,
  ImportRequest,
  Invitation,
  NewSecret,
  Organization,
  Page,
  Role,
  SchoolClass,
  Schemas,
  Source,
  User,
} from "./types";

/** The address of the signed-in person's own school. */
export function school(path = ""): string {
  const state = session.get();
  const id = state.is === "in" ? state.me.organization.id : "";
  return `/api/v1/orgs/${encodeURIComponent(id)}${path}`;
}

const one = (id: string) => encodeURIComponent(id);

export interface ListQuery {
  readonly search?: string;
  readonly cursor?: string;
  readonly limit?: number;
}

export const getOrganization = () => get<Organization>(school());
export const updateOrganization = (o: Pick<Organization, "name" | "language" | "settings" | "version">) =>
  patch<Organization>(school(), o);
export const eraseOrganization = (name: string) => remove(school(), { name });
export const listOrganizations = () => get<{ organizations: Organization[] }>("/api/v1/orgs");
export const createOrganization = (name: string, language: string) =>
  post<Schemas["CreatedOrganization"]>("/api/v1/orgs", { name, language });

export const listMembers = (query: ListQuery & { readonly role?: Role | ""; readonly class?: string }) =>
  get<Page<User>>(school("/members"), { ...query });
export const addPupil = (name: string, classes: readonly string[]) =>
  post<{ user: User; secret: NewSecret }>(school("/members"), { name, classes });
export const updateMember = (u: User) =>
  patch<User>(school(`/members/${one(u.id)}`), {
    name: u.name,
    email: u.email,
    language: u.language,
    role: u.role,
    disabled: u.disabled,
    version: u.version,
  });
export const removeMember = (id: string) => remove(school(`/members/${one(id)}`));
export const resetMember = (id: string) => post<NewSecret>(school(`/members/${one(id)}/reset`));

export const invite = (role: Role, email: string, classId: string) =>
  post<Invitation>(school("/invite"), {
    role,
    ...(email !== "" && { email }),
    ...(classId !== "" && { class_id: classId }),
  });
export const listInvitations = () => get<{ invitations: Invitation[] }>(school("/invitations"));
export const revokeInvitation = (id: string) => remove(school(`/invitations/${one(id)}`));

export const listClasses = (query: ListQuery) => get<Page<SchoolClass>>(school("/classes"), { ...query });
export const getClass = (id: string) => get<SchoolClass>(school(`/classes/${one(id)}`));
export const addClass = (name: string, signIn: string) =>
  post<SchoolClass>(school("/classes"), { name, sign_in: signIn });
export const updateClass = (c: Pick<SchoolClass, "id" | "name" | "sign_in" | "version">) =>
  patch<SchoolClass>(school(`/classes/${one(c.id)}`), { name: c.name, sign_in: c.sign_in, version: c.version });
export const deleteClass = (id: string) => remove(school(`/classes/${one(id)}`));
export const newClassCode = (id: string) => post<SchoolClass>(school(`/classes/${one(id)}/code`));
export const letClassIn = (id: string) => post(school(`/classes/${one(id)}/let-in`));
export const joinClass = (id: string, user: string) => put(school(`/classes/${one(id)}/members/${one(user)}`));
export const leaveClass = (id: string, user: string) => remove(school(`/classes/${one(id)}/members/${one(user)}`));
export const cardsUrl = (id: string, user = "") =>
  school(`/classes/${one(id)}/cards.pdf${user === "" ? "" : `?user=${one(user)}`}`);

export const previewImport = (request: ImportRequest) => post<ImportPreview>(school("/imports/preview"), request);
export const importRoster = (request: ImportRequest) => post<Imported>(school("/imports"), request);
export const undoImport = (id: string) => post(school(`/imports/${one(id)}/undo`));

export interface AuditQuery extends ListQuery {
  readonly action?: string;
  readonly from?: string;
  readonly to?: string;
}
export const listAudit = ({ search: _, ...query }: AuditQuery) => get<Page<AuditEntry>>(school("/audit"), { ...query });

export const addSample = (language: string) => post<Source>("/api/v1/setup/sample", { language });
export const shareSource = (id: string, classes: readonly string[]) =>
  put<Source>(`/api/v1/knowledge/${one(id)}/classes`, { classes });
