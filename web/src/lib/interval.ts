/** A number with its interval, in shares of 1. */
export interface Interval {
  value: number;
  low: number;
  high: number;
}

/** The reach to either side of zero that shows these intervals whole, a little wider, at least one point. */
export function reachOf(intervals: readonly Interval[]): number {
  const widest = Math.max(0, ...intervals.flatMap(({ low, high }) => [Math.abs(low), Math.abs(high)]));
  return Math.max(0.01, widest * 1.15);
}

/** Where a value lies between -reach and +reach, in percent from the left, kept inside. */
export function placeOf(value: number, reach: number): number {
  return Math.min(100, Math.max(0, ((value + reach) / (2 * reach)) * 100));
}

export type Meaning = "better" | "worse" | "open";

/** What an interval says: zero outside means an effect, to one side or the other. */
export function meaningOf({ low, high }: Interval): Meaning {
  if (low > 0) return "better";
  return high < 0 ? "worse" : "open";
}

/** The interval of an effect as the server tells it; null where nothing could be measured. */
export function intervalOf(effect: {
  difference: number | null;
  interval: readonly number[] | null;
}): Interval | null {
  const [low, high] = effect.interval ?? [];
  if (effect.difference === null || low === undefined || high === undefined) return null;
  return { value: effect.difference, low, high };
}
