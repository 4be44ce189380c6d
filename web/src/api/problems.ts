import type { components } from "@/api/schema";

export type ProblemDocument = components["schemas"]["ProblemDocument"];
export type ProblemEntry = Pick<components["schemas"]["ProblemEntry"], "path" | "message" | "hint">;

/** A refusal of the server: what is wrong, and what to do about it. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: number;
  readonly code: string;
  readonly hint: string;
  /** Everything that is wrong with a document, each with its place; empty where it is no document's problem. */
  readonly entries: readonly ProblemEntry[];

  constructor(
    document: Pick<ProblemDocument, "status" | "code" | "message" | "hint">,
    entries: readonly ProblemEntry[] = [],
  ) {
    super(document.message);
    this.status = document.status;
    this.code = document.code;
    this.hint = document.hint;
    this.entries = entries;
  }
}

/** The server could not be reached at all. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** What the server answered as a problem; an answer of something else between us becomes one. */
export function problemOf(status: number, body: unknown): Problem {
  const found: Partial<Record<keyof ProblemDocument, unknown>> =
    typeof body === "object" && body !== null ? body : {};
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  const told = {
    status,
    code: text(found.code) || `http_${status}`,
    message: text(found.message),
    hint: text(found.hint),
  };
  return new Problem(told, entriesOf(found.problems));
}

function entriesOf(problems: unknown): ProblemEntry[] {
  if (!Array.isArray(problems)) return [];
  return problems.flatMap((each: unknown) => {
    if (typeof each !== "object" || each === null || !("path" in each) || !("message" in each)) return [];
    const hint = "hint" in each && typeof each.hint === "string" ? each.hint : "";
    return [{ path: String(each.path), message: String(each.message), hint }];
  });
}

/** Whether asking again may help: the server is away or busy, not refusing. */
export function isWorthRetrying(error: unknown): boolean {
  return (
    error instanceof Unreachable ||
    (error instanceof Problem && (error.status >= 500 || error.status === 429))
  );
}
