export type DurationUnit = "second" | "minute" | "hour" | "day" | "week";

const UNITS: Record<string, DurationUnit> = { s: "second", m: "minute", h: "hour", d: "day", w: "week" };

/** A span as journeys write it: `24h`, `14d`, `30m`. */
export function readDuration(text: string): { amount: number; unit: DurationUnit } | null {
  const found = /^(\d+(?:\.\d+)?)([smhdw])$/.exec(text);
  const unit = UNITS[found?.[2] ?? ""];
  return found && unit ? { amount: Number(found[1]), unit } : null;
}
