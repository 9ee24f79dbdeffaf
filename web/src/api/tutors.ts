import { Observable } from "@/lib/observable";
import { get, post, put, remove } from "./client";
import { school, type ListQuery } from "./people";
import type {
  Answer,
  APIKey,
  BoxModel,
  Flag,
  FlagCount,
  Found,
  Heard,
  HelpIsComing,
  Memory,
  ModelSettings,
  Page,
  Persona,
  PersonaContent,
  PersonaVersion,
  Provider,
  Spoken,
  Usage,
  Voice,
} from "./types";

const one = (id: string) => encodeURIComponent(id);
const persona = (id: string, path = "") => `/api/v1/personas/${one(id)}${path}`;

export const listPersonas = (query: ListQuery) => get<Page<Persona>>("/api/v1/personas", { ...query });
export const getPersona = (id: string) => get<Persona>(persona(id));
/** Makes a tutor that nobody else sees before it is shared. */
export const draftPersona = (content: PersonaContent) => post<Persona>("/api/v1/personas", { content, draft: true });
export const updatePersona = (id: string, content: PersonaContent, version: number) =>
  put<Persona>(persona(id), { content, version });
export const deletePersona = (id: string) => remove(persona(id));
export const sharePersona = (id: string, classes: readonly string[]) =>
  put<Persona>(persona(id, "/classes"), { classes });
export const copyPersona = (id: string) => post<Persona>(persona(id, "/copy"), {});
export const personaVersions = (id: string) => get<{ versions: PersonaVersion[] }>(persona(id, "/versions"));
export const restorePersona = (id: string, number: number, version: number) =>
  post<Persona>(persona(id, `/versions/${String(number)}/restore`), { version });
export const previewPersona = (content: PersonaContent, question: string) =>
  post<Answer>("/api/v1/personas/preview", { content, question });
export const retrieve = (id: string, q: string) => get<Found>(persona(id, "/retrieve"), { q });
export const personaFile = (id: string) => persona(id, "/file");

export const transcribe = (recording: Blob, language: string) =>
  post<Heard>(`/api/v1/ai/transcribe?language=${one(language)}`, recording);
export const speak = (text: string, language: string, personaId: string) =>
  post<Spoken>("/api/v1/ai/speak", { text, language, ...(personaId !== "" && { persona_id: personaId }) });
export const listVoices = () => get<{ voices: Voice[]; hears: string[] }>("/api/v1/ai/voices");
export const askForHelp = (conversation: string | undefined) =>
  post<HelpIsComing>("/api/v1/ai/help", { ...(conversation !== undefined && { conversation_id: conversation }) });

export const listFlags = (open: boolean, cursor: string) =>
  get<Page<Flag>>(school("/flags"), { cursor, ...(open && { open: "true" }) });
/** How many pupils wait for whoever is signed in; null before it is known. */
export const flagCount = new Observable<FlagCount | null>(null);

/** Looks again. What does not come is as it was: a number beside a tab is worth no alarm. */
export async function countFlags(): Promise<void> {
  try {
    flagCount.set(await get<FlagCount>(school("/flags/count")));
  } catch {
    // As it was; see above.
  }
}
export const seeFlag = (id: string) => post<Flag>(school(`/flags/${one(id)}/seen`));

export const listMemories = () => get<{ memories: Memory[]; enabled: boolean }>("/api/v1/users/me/memories");
export const forget = (id = "") => remove(`/api/v1/users/me/memories${id === "" ? "" : `/${one(id)}`}`);

export const getModels = () => get<ModelSettings>(school("/models"));
export const listBoxModels = () => get<{ models: BoxModel[] }>(school("/models/box"));
export const setModels = (settings: ModelSettings) => put<ModelSettings>(school("/models"), settings);
export const tryModel = (provider: Provider) => post<{ models: string[] }>(school("/models/try"), provider);
export const getUsage = () => get<{ days: Usage[]; total: Usage[] }>(school("/usage"));
export const listKeys = () => get<{ keys: APIKey[] }>(school("/keys"));
export const addKey = (name: string, days: number) =>
  post<{ secret: string; key: APIKey }>(school("/keys"), { name, days });
export const endKey = (id: string) => remove(school(`/keys/${one(id)}`));
