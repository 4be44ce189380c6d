import type { Spec } from "@/api/insights";

/** The kinds that have a form of their own; every other one is written as text. */
export const KINDS = [
  "trend",
  "funnel",
  "retention",
  "lifecycle",
  "stickiness",
  "distribution",
  "interval",
  "paths",
  "sessions",
  "value",
] as const;
export type Kind = (typeof KINDS)[number];

export const RANGES = ["7d", "30d", "90d", "12w", "12mo"] as const;
export const INTERVALS = ["hour", "day", "week", "month"] as const;
export const COUNTS = ["total", "people", "per_person_avg"] as const;
/** Kinds whose numbers can be divided by a property. */
const DIVIDED: readonly string[] = [
  "trend",
  "funnel",
  "retention",
  "lifecycle",
  "stickiness",
  "distribution",
];

export const isKind = (kind: string): kind is Kind => (KINDS as readonly string[]).includes(kind);
export const canBeDivided = (kind: string): boolean => DIVIDED.includes(kind);

const ANY = "*";

/** A first question of a kind about the events there are. */
export function firstSpec(kind: Kind, events: readonly string[]): Spec {
  const [first = ANY, second = first, third = second] = events;
  const shared = { range: { last: "30d" }, interval: "day" };
  switch (kind) {
    case "trend":
      return { kind, series: [{ event: first, count: "people" }], ...shared };
    case "funnel":
      return { kind, steps: [...new Set([first, second, third])], window: "7d", ...shared };
    case "retention":
      return { kind, start: ANY, return: ANY, range: { last: "12w" }, interval: "week" };
    case "lifecycle":
    case "stickiness":
      return { kind, event: ANY, ...shared };
    case "distribution":
      return { kind, event: first, range: { last: "12w" }, interval: "week" };
    case "interval":
      return { kind, from: first, to: second, ...shared };
    case "paths":
    case "sessions":
      return { kind, ...shared };
    case "value":
      return { kind, event: first, amount: "amount", range: { last: "12w" }, interval: "week" };
  }
}

/** The same question in another kind: range, interval, breakdown and whom it is about stay. */
export function inKind(spec: Spec, kind: Kind, events: readonly string[]): Spec {
  const next = firstSpec(kind, events);
  for (const key of ["range", "interval", "among", "where", "timezone"]) {
    if (spec[key] !== undefined) next[key] = spec[key];
  }
  if (canBeDivided(kind) && spec.breakdown !== undefined) next.breakdown = spec.breakdown;
  return next;
}

/** One field changed; an empty value takes it out. */
export function withField(spec: Spec, key: string, value: unknown): Spec {
  const next: Spec = { ...spec, [key]: value };
  if (value === undefined || value === "" || value === null) delete next[key];
  return next;
}

/** The name of an event that is written by its name or as an object. */
export function eventName(event: unknown): string {
  if (typeof event === "string") return event;
  if (typeof event === "object" && event !== null && "event" in event) return String(event.event);
  return ANY;
}

/** A specification in an address, and back; what is none is as good as nothing. */
export const toAddress = (spec: Spec): string => JSON.stringify(spec);
export function fromAddress(text: string | null): Spec | null {
  if (!text) return null;
  try {
    const found: unknown = JSON.parse(text);
    const isSpec = typeof found === "object" && found !== null && "kind" in found;
    return isSpec && typeof found.kind === "string" ? (found as Spec) : null;
  } catch {
    return null;
  }
}
