import { isObject, type Json } from "@/lib/json";

export const CALENDAR = [
  "today",
  "yesterday",
  "this_week",
  "last_week",
  "this_month",
  "last_month",
  "this_quarter",
  "last_quarter",
  "this_year",
  "last_year",
] as const;

export type WindowKind = "ever" | "last" | "calendar" | "dates";

export function windowKind(window: Json | undefined): WindowKind {
  if (window === undefined) return "ever";
  if (isObject(window)) return "calendar" in window ? "calendar" : "dates";
  return "last";
}

/** A window of a kind, as it is when the kind was just chosen. */
export function blankWindow(kind: WindowKind, today: string): Json | undefined {
  switch (kind) {
    case "ever":
      return undefined;
    case "last":
      return "30d";
    case "calendar":
      return { calendar: "this_month" };
    case "dates":
      return { from: today };
  }
}

export const UNITS = ["s", "m", "h", "d", "w"] as const;
export type Unit = (typeof UNITS)[number];

/** A duration's amount and unit; what is none begins anew at one day. */
export function readSpan(text: Json | undefined): { amount: number; unit: Unit } {
  const [, amount, unit] = /^(\d+)([smhdw])$/.exec(typeof text === "string" ? text : "") ?? [];
  return amount && unit ? { amount: Number(amount), unit: unit as Unit } : { amount: 1, unit: "d" };
}
