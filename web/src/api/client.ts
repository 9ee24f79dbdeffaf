import { newId } from "@/lib/id";
import { tablet } from "@/lib/storage";
import { reportLost, reportReached } from "./connection";
import type { Problem, ProblemDetails } from "./types";

/** The box answered that it could not do it, and why. */
export class BoxError extends Error {
  readonly status: number;
  readonly problem: Problem;

  constructor(status: number, problem: Problem) {
    super(problem.message);
    this.name = "BoxError";
    this.status = status;
    this.problem = problem;
  }
}

/** No answer came: the box is off, or the tablet has left its Wi-Fi. */
export class UnreachableError extends Error {
  constructor() {
    super("the box does not answer");
    this.name = "UnreachableError";
  }
}

export const unreachable: Problem = {
  code: "unavailable",
  reason: "unreachable",
  message: "The box does not answer.",
  hint: "Check that the tablet is on the school's Wi-Fi and that the box is on.",
};

const unexpected: Problem = {
  code: "internal",
  reason: "internal",
  message: "Something went wrong inside the box.",
  hint: "Try again. If it happens again, run the check-up on the box (bwenge doctor).",
};

/** What to tell someone about an error, whatever it was. */
export function problemOf(error: unknown): Problem {
  if (error instanceof BoxError) return error.problem;
  if (error instanceof UnreachableError) return unreachable;
  return unexpected;
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

/** Reads a problem from an error answer; a proxy's or an old box's page has none. */
export function readProblem(status: number, body: string): BoxError {
  try {
    const details = JSON.parse(body) as Partial<ProblemDetails>;
    if (details.code !== undefined && details.detail !== undefined) {
      return new BoxError(status, {
        code: details.code,
        message: details.detail,
        ...(details.reason !== undefined && { reason: details.reason }),
        ...(details.hint !== undefined && { hint: details.hint }),
        ...(details.params !== undefined && { params: details.params }),
      });
    }
  } catch {
    // Not a problem document; told as an unexpected one.
  }
  return new BoxError(status, unexpected);
}

export type Query = Readonly<Record<string, string | number | undefined>>;

function address(path: string, query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") params.set(name, String(value));
  }
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}

interface Sent {
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** The same for each try of what must happen only once. */
  readonly key?: string;
}

/** What to do when the box says that nobody is signed in: true to try again. */
type OnSignedOut = (problem: Problem) => Promise<boolean>;
let onSignedOut: OnSignedOut = () => Promise.resolve(false);

export function whenSignedOut(handler: OnSignedOut): void {
  onSignedOut = handler;
}

/** The school that the box is asked about before anybody has signed in. */
let school = tablet.get("bwenge.school");

/** Forgets a school that the box does not have any more. */
export function keepSchool(existing: readonly { readonly id: string }[]): void {
  if (school !== null && !existing.some(({ id }) => id === school)) chooseSchool(null);
}

export function chooseSchool(id: string | null): void {
  school = id;
  tablet.set("bwenge.school", id);
}

async function send(method: string, path: string, sent: Sent = {}, again = true): Promise<Response> {
  const { body, signal, key } = sent;
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: {
        Accept: "application/json",
        ...(body !== undefined && { "Content-Type": body instanceof Blob ? body.type : "application/json" }),
        ...(school !== null && { "X-Tenant-Id": school }),
        ...(key !== undefined && { "Idempotency-Key": key }),
      },
      ...(body !== undefined && { body: body instanceof Blob ? body : JSON.stringify(body) }),
      ...(signal && { signal }),
    });
  } catch (error) {
    if (isAbort(error)) throw error;
    reportLost();
    throw new UnreachableError();
  }
  reportReached();
  if (!response.ok) {
    const error = readProblem(response.status, await response.text().catch(() => ""));
    if (again && response.status === 401 && (await onSignedOut(error.problem))) return send(method, path, sent, false);
    throw error;
  }
  return response;
}

export async function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  return (await (await send("GET", address(path, query), { signal })).json()) as T;
}

async function read<T>(response: Response): Promise<T> {
  return (response.status === 204 ? undefined : await response.json()) as T;
}

export async function post<T>(path: string, body?: unknown): Promise<T> {
  return read(await send("POST", path, { body, key: newId() }));
}

export async function patch<T>(path: string, body: unknown): Promise<T> {
  return read(await send("PATCH", path, { body }));
}

export async function put<T>(path: string, body?: unknown): Promise<T> {
  return read(await send("PUT", path, { body }));
}

export async function remove(path: string, query?: Query): Promise<void> {
  await send("DELETE", address(path, query));
}
