// The words of the wire under short names. types.gen.ts is made from
// openapi.json by `npm run generate`; nothing is written by hand twice.
import type { components } from "./types.gen";

export type Schemas = components["schemas"];

export type ArchiveState = Schemas["ArchiveState"];
export type ArchiveSelection = Schemas["ArchiveSelection"];
export type ArchiveEstimate = Schemas["ArchiveEstimate"];
export type Answer = Schemas["Answer"];
export type Chunk = Schemas["Chunk"];
export type Citation = Schemas["Citation"];
export type Gloss = Schemas["Gloss"];
export type ClientFrame = Schemas["ClientFrame"];
export type Conversation = Schemas["Conversation"];
export type ConversationDetail = Schemas["ConversationDetail"];
export type HealthReport = Schemas["HealthReport"];
export type Message = Schemas["Message"];
export type Notice = Schemas["Notice"];
export type Passage = Schemas["Passage"];
export type Place = Schemas["Place"];
export type Problem = Schemas["Problem"];
export type ProblemDetails = Schemas["ProblemDetails"];
export type ServerFrame = Schemas["ServerFrame"];
export type Source = Schemas["Source"];
export type Uploaded = Schemas["Uploaded"];
export type AuditEntry = Schemas["AuditEntry"];
export type BoxInfo = Schemas["BoxInfo"];
export type PublicClass = Schemas["PublicClass"];
export type ClassRef = Schemas["ClassRef"];
export type ImportColumn = Schemas["ImportColumn"];
export type ImportLine = Schemas["ImportLine"];
export type ImportPreview = Schemas["ImportPreview"];
export type ImportRequest = Schemas["ImportRequest"];
export type ImportRow = Schemas["ImportRow"];
export type ImportTable = Schemas["ImportTable"];
export type Imported = Schemas["Imported"];
export type PublicInvitation = Schemas["PublicInvitation"];
export type Invitation = Schemas["SentInvitation"];
export type Me = Schemas["Me"];
export type NewSecret = Schemas["NewSecret"];
export type Organization = Schemas["Organization"];
export type Role = Schemas["User"]["role"];
export type SchoolClass = Schemas["Class"];
export type Session = Schemas["Session"];
export type SignedIn = Schemas["SignedIn"];
export type StudentName = Schemas["StudentName"];
export type User = Schemas["User"];

/** A step of an answer, as the socket tells it. */
export type AnswerFrame = Exclude<ServerFrame, { type: "pong" }>;

export type Kind = NonNullable<Source["kind"]>;
export type Status = Source["status"];

/** A slice of a longer list; `next` is absent at its end. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string;
  readonly total: number;
}

export type APIKey = Schemas["APIKey"];
export type Flag = Schemas["Flag"];
export type FlagCount = Schemas["FlagCount"];
export type HelpIsComing = Schemas["HelpIsComing"];
export type Found = Schemas["Found"];
export type Heard = Schemas["Heard"];
export type Memory = Schemas["Memory"];
export type ModelSettings = Schemas["ModelSettings"];
export type BoxModel = Schemas["BoxModel"];
export type Persona = Schemas["Persona"];
export type PersonaContent = Schemas["PersonaContent"];
export type PersonaVersion = Schemas["PersonaVersion"];
export type Provider = Schemas["Provider"];
export type Spoken = Schemas["Spoken"];
export type Usage = Schemas["Usage"];
export type Voice = Schemas["Voice"];
export type Feedback = Schemas["Feedback"];
export type FeedbackCount = Schemas["FeedbackCount"];
export type Pin = Schemas["Pin"];
export type PinContent = Schemas["PinContent"];
export type Thumb = Schemas["Thumb"];
export type ThumbReason = NonNullable<Thumb["reason"]>;
