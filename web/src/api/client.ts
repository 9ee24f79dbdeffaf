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

async function send(method: string, path: string, signal?: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: { Accept: "application/json" },
      ...(signal && { signal }),
    });
  } catch (error) {
    if (isAbort(error)) throw error;
    reportLost();
    throw new UnreachableError();
  }
  reportReached();
  if (!response.ok) throw readProblem(response.status, await response.text().catch(() => ""));
  return response;
}

export async function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  return (await (await send("GET", address(path, query), signal)).json()) as T;
}

export async function post<T>(path: string): Promise<T> {
  return (await (await send("POST", path)).json()) as T;
}

export async function remove(path: string): Promise<void> {
  await send("DELETE", path);
}
