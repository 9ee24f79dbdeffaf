import { get, post } from "./client";
import type { PublicClass, PublicInvitation, SignedIn } from "./types";

// What can be asked of the box before anybody has signed in. Tokens stay in
// cookies that scripts cannot read.

export interface Registration {
  readonly school_name?: string;
  readonly language?: string;
  readonly invitation?: string;
  readonly name: string;
  readonly login: string;
  readonly email?: string;
  readonly password: string;
  readonly allow_plain_passwords?: boolean;
  readonly claim_code?: string;
}

const auth = "/api/v1/auth";

export const register = (body: Registration) => post<SignedIn>(`${auth}/register`, { ...body, cookies: true });

export const login = (name: string, password: string) =>
  post<SignedIn>(`${auth}/login`, { login: name, password, cookies: true });

export const classDoor = (code: string) => get<PublicClass>(`${auth}/class/${encodeURIComponent(code)}`);

export interface PupilSecret {
  readonly pictures?: readonly string[];
  readonly pin?: string;
}

export const signInPupil = (code: string, user: string, secret: PupilSecret) =>
  post<SignedIn>(`${auth}/pupil`, { code, user_id: user, ...secret, cookies: true });

export const invitationDoor = (code: string) => get<PublicInvitation>(`${auth}/invitation/${encodeURIComponent(code)}`);

export const listPictures = () => get<{ pictures: string[] }>(`${auth}/pictures`);

export const pictureUrl = (id: string) => `${auth}/pictures/${id}`;

export const qrUrl = (path: string) => `/api/v1/box/qr.svg?path=${encodeURIComponent(path)}`;
