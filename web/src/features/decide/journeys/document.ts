import type { JourneyPicture } from "@/api/journeys";

export type Json = JourneyPicture["document"][string];
export type JsonObject = { [key: string]: Json };

export const KINDS = ["send", "wait", "wait_until", "branch", "split", "join", "exit"] as const;
/** What a step does; `other` is a kind that this console does not know. */
export type Kind = (typeof KINDS)[number] | "other";

/** A way out of a step, named as the log names it: `then`, `if_1`, `else`, an arm's id. */
export interface Way {
  edge: string;
  to: string;
}

export interface Step {
  id: string;
  kind: Kind;
  /** The word that tells the kind in the document. */
  word: string;
  body: JsonObject;
  ways: readonly Way[];
}

/** An event that is meant: its name, and what must hold of its properties. */
export interface Match {
  event: string;
  where: readonly string[];
}

export type Start =
  | { kind: "event"; match: Match }
  | { kind: "segment"; segment: string; change: string }
  | { kind: "called" }
  | { kind: "other"; word: string };

/** A journey's document, read for drawing. Unknown parts are kept and never a reason to fail. */
export interface Chart {
  start: string;
  entry: Start;
  reentry: { kind: "never" | "per_key" | "always" } | { kind: "after"; span: string };
  goal: { match: Match; within: string } | null;
  exits: readonly Match[];
  /** How many conditions take a person out besides. */
  leaving: number;
  control: string;
  steps: readonly Step[];
}

const EDGES = ["then", "else", "on_timeout", "on_error"];

export function readChart(document: JsonObject): Chart {
  const nodes = objectOf(document.nodes);
  const rules = listOf(document.exit).map(objectOf);
  return {
    start: textOf(document.start),
    entry: readStart(objectOf(document.entry).on),
    reentry: readReentry(document.reentry),
    goal: readGoal(document.goal),
    exits: rules.filter(({ event }) => event !== undefined).map(readMatch),
    leaving: rules.filter(({ event }) => event === undefined).length,
    control: textOf(document.control) || "none",
    steps: Object.entries(nodes).map(([id, body]) => readStep(id, objectOf(body))),
  };
}

function readStep(id: string, body: JsonObject): Step {
  const word = Object.keys(body).find((key) => !EDGES.includes(key)) ?? "";
  const kind = KINDS.find((each) => each === word) ?? "other";
  return { id, kind, word, body, ways: waysOf(kind, body) };
}

function waysOf(kind: Kind, body: JsonObject): Way[] {
  const ways: Way[] = [];
  if (kind === "branch") {
    listOf(body.branch).forEach((arm, place) => {
      ways.push({ edge: `if_${place + 1}`, to: textOf(objectOf(arm).then) });
    });
  }
  if (kind === "split") {
    for (const arm of listOf(objectOf(body.split).arms).map(objectOf)) {
      ways.push({ edge: textOf(arm.id), to: textOf(arm.then) });
    }
  }
  for (const edge of EDGES) if (body[edge] !== undefined) ways.push({ edge, to: textOf(body[edge]) });
  return ways;
}

/** The share of each arm of a split, of 1. */
export function splitShares(step: Step): Map<string, number> {
  const arms = listOf(objectOf(step.body.split).arms).map(objectOf);
  const whole = arms.reduce((sum, arm) => sum + Number(arm.weight ?? 1), 0) || 1;
  return new Map(arms.map((arm) => [textOf(arm.id), Number(arm.weight ?? 1) / whole]));
}

function readStart(written: Json | undefined): Start {
  if (written === "api") return { kind: "called" };
  const on = objectOf(written);
  if (on.event !== undefined) return { kind: "event", match: readMatch(on) };
  if (on.segment !== undefined) {
    return { kind: "segment", segment: textOf(on.segment), change: textOf(on.change) };
  }
  return { kind: "other", word: Object.keys(on)[0] ?? "" };
}

function readReentry(value: Json | undefined): Chart["reentry"] {
  if (value === "per_key" || value === "always") return { kind: value };
  const after = objectOf(value).after;
  return after === undefined ? { kind: "never" } : { kind: "after", span: textOf(after) };
}

function readGoal(value: Json | undefined): Chart["goal"] {
  const goal = objectOf(value);
  return goal.event === undefined ? null : { match: readMatch(goal), within: textOf(goal.for) };
}

export function readMatch(match: JsonObject): Match {
  return { event: textOf(match.event), where: listOf(match.where).map((test) => testText(objectOf(test))) };
}

/** A test of a property as it is written: `amount >= 500`. */
function testText({ property, ...test }: JsonObject): string {
  const parts = Object.entries(test).map(([key, value]) => {
    const written = typeof value === "string" ? value : JSON.stringify(value);
    return key === "is" ? written : `${key} ${written}`;
  });
  return [textOf(property), ...parts].join(" ");
}

export function objectOf(value: Json | undefined): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

export function textOf(value: Json | undefined): string {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : "";
}
