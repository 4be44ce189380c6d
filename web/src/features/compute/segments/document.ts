import type { Segment } from "@/api/segments";
import { isObject, type Json, type JsonObject, without } from "@/lib/json";

/** What a segment begins with. */
export const BEGINNING: JsonObject = { id: "", name: "", condition: { all: [] } };

/** A saved segment as the document it was saved from. */
export function documentOf(segment: Segment): JsonObject {
  const { id, name, kind, condition, refresh, as_of } = segment;
  return {
    id,
    ...(name && name !== id ? { name } : {}),
    ...(kind && kind !== "live" ? { kind } : {}),
    ...(condition === null || condition === undefined ? {} : { condition: condition as Json }),
    ...(refresh === null || refresh === undefined ? {} : { refresh: refresh as Json }),
    ...(as_of ? { as_of } : {}),
  };
}

export const conditionOf = (document: Json): Json => (isObject(document) ? (document.condition ?? {}) : {});

export const textOf = (document: Json, key: "id" | "name"): string => {
  const value = isObject(document) ? document[key] : undefined;
  return typeof value === "string" ? value : "";
};

export type Rhythm = "live" | "every" | "daily" | "weekly";

export function rhythmOf(document: Json): Rhythm {
  const refresh = isObject(document) && document.kind === "scheduled" ? document.refresh : null;
  if (!isObject(refresh)) return "live";
  return (["every", "daily", "weekly"] as const).find((each) => each in refresh) ?? "live";
}

const FIRST: Record<Exclude<Rhythm, "live">, string> = {
  every: "6h",
  daily: "07:30",
  weekly: "monday 07:30",
};

/** The document kept at another rhythm. */
export function withRhythm(document: JsonObject, rhythm: Rhythm, time?: string): JsonObject {
  const rest = without(document, "kind", "refresh");
  if (rhythm === "live") return rest;
  return { ...rest, kind: "scheduled", refresh: { [rhythm]: time ?? FIRST[rhythm] } };
}

/** A name as an id: what is no letter of an id becomes `_`; a name in other scripts gives a numbered one. */
export function idFrom(name: string, taken: readonly string[]): string {
  const base = name
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, 56);
  const stem = base || "segment";
  if (!taken.includes(stem) && base) return stem;
  let number = base ? 2 : 1;
  while (taken.includes(`${stem}_${number}`)) number += 1;
  return `${stem}_${number}`;
}
