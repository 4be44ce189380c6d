import { isObject, type Json, type JsonObject } from "@/lib/json";

/** What a condition may ask, in the order in which it is offered. `after` is last: a trait may come `after` a day. */
export const FORMS = [
  "did",
  "trait",
  "tag",
  "segment",
  "seen",
  "measure",
  "change",
  "sequence",
  "rank",
  "consent",
  "assigned",
  "after",
] as const;
export const GROUPS = ["all", "any"] as const;

export type Form = (typeof FORMS)[number];
export type Group = (typeof GROUPS)[number];
export type Kind = Form | Group | "not";

/** What a condition is; null where it is none that we know. */
export function kindOf(condition: Json | undefined): Kind | null {
  if (!isObject(condition)) return null;
  return [...GROUPS, "not" as const, ...FORMS].find((kind) => kind in condition) ?? null;
}

export const isGroup = (kind: Kind | null): kind is Group => kind === "all" || kind === "any";

/** Names that a new part begins with, so that it asks something from the start. */
export interface FirstNames {
  event: string;
  trait: string;
  tag: string;
  segment: string;
  consent: string;
  journey: string;
}

/** A part of a form, as it is when it was just added. */
export function blank(form: Form, names: FirstNames): JsonObject {
  const made: Record<Form, JsonObject> = {
    did: { did: names.event, within: "30d" },
    measure: { measure: "count", of: names.event, within: "30d", is: ">= 3" },
    change: { change: "count", of: names.event, over: "7d", against: "previous", is: "<= -30%" },
    sequence: { sequence: [names.event, names.event], within: "30d" },
    after: { after: names.event, without: names.event, for: "24h" },
    rank: { rank: "count", of: names.event, within: "90d", top: "10%" },
    trait: { trait: names.trait, set: true },
    tag: { tag: names.tag, set: true },
    segment: { segment: names.segment },
    seen: { seen: "last", within: "7d" },
    consent: { consent: names.consent, is: "granted" },
    assigned: { assigned: names.journey, is: "treated" },
  };
  return made[form];
}

/** The parts of a group. */
export function partsOf(condition: JsonObject, kind: Group): readonly Json[] {
  const parts = condition[kind];
  return Array.isArray(parts) ? parts : [];
}

/** A condition as a group, so that a part can be added to it. */
export function asGroup(condition: Json): JsonObject {
  return isObject(condition) && isGroup(kindOf(condition)) ? condition : { all: [condition] };
}

/** Turn what is asked into its opposite, or back. */
export function negated(condition: Json): Json {
  return isObject(condition) && kindOf(condition) === "not" ? (condition.not ?? {}) : { not: condition };
}

/** The parts with one moved up (-1) or down (1); as they were where it cannot go further. */
export function moved(parts: readonly Json[], place: number, by: -1 | 1): readonly Json[] {
  const target = place + by;
  if (target < 0 || target >= parts.length) return parts;
  const kept = [...parts];
  const [taken] = kept.splice(place, 1);
  kept.splice(target, 0, taken as Json);
  return kept;
}

/** An event's name, whether it is written as a text or with tests of its properties. */
export function eventName(event: Json | undefined): string {
  if (typeof event === "string") return event;
  return isObject(event) && typeof event.event === "string" ? event.event : "";
}

export function eventWhere(event: Json | undefined): readonly Json[] {
  return isObject(event) && Array.isArray(event.where) ? event.where : [];
}

/** An event as it is written: a text, unless it is narrowed by tests. */
export function writeEvent(name: string, where: readonly Json[]): Json {
  return where.length === 0 ? name : { event: name, where };
}

/** An empty group asks nothing: there is nothing to count, and nothing to save. */
export function asksNothing(condition: Json): boolean {
  if (!isObject(condition)) return true;
  const parts = condition.all ?? condition.any;
  return Object.keys(condition).length === 0 || (Array.isArray(parts) && parts.length === 0);
}
