/** What can be worked out of somebody's events. */
export const MEASURES = [
  "count",
  "days",
  "streak",
  "first_ago",
  "last_ago",
  "sum",
  "avg",
  "min",
  "max",
  "median",
  "distinct",
] as const;

export type Measure = (typeof MEASURES)[number];

const OF_A_PROPERTY: readonly Measure[] = ["sum", "avg", "min", "max", "median", "distinct"];
/** Without a window of their own these have no past to be compared with. */
export const COMPARABLE = MEASURES.filter((each) => !["streak", "first_ago", "last_ago"].includes(each));

export const needsProperty = (measure: Measure): boolean => OF_A_PROPERTY.includes(measure);

/** `sum(amount)` in its two parts. */
export function readMeasure(text: unknown): { measure: Measure; property: string } {
  const [, name, property] = /^(\w+)(?:\((.*)\))?$/s.exec(typeof text === "string" ? text : "") ?? [];
  return { measure: MEASURES.find((each) => each === name) ?? "count", property: property ?? "" };
}

export const writeMeasure = (measure: Measure, property: string): string =>
  needsProperty(measure) ? `${measure}(${property || "amount"})` : measure;
