import type { DayCounts, Today } from "@/api/today";
import { localDay, shiftDay } from "@/lib/days";

/** A day beside the same weekday a week before. */
export interface DayInWeek {
  day: DayCounts;
  weekBefore: DayCounts | null;
}

type Reach = Pick<Today, "as_of" | "timezone" | "days" | "last_event_at">;

/**
 * The last day that is whole: the one before that of the last event. A day that is still going, or in which
 * the events break off, would be compared with a whole one and seem a collapse.
 */
export function lastWholeDay({ as_of, timezone, days, last_event_at }: Reach): DayInWeek | null {
  if (!last_event_at) return null;
  const now = localDay(as_of, timezone);
  const last = localDay(last_event_at, timezone);
  const [earlier = now] = [now, last].sort();
  const wanted = shiftDay(earlier, -1);
  const day = days.find((each) => each.day === wanted);
  if (!day) return null;
  return { day, weekBefore: days.find((each) => each.day === shiftDay(wanted, -7)) ?? null };
}

/** The days up to that one: a last day that is not whole would bend the curve down. */
export function daysUntil(days: readonly DayCounts[], found: DayInWeek | null): readonly DayCounts[] {
  return found ? days.filter(({ day }) => day <= found.day.day) : days;
}

/** The relative change from one count to another; null where there is nothing to compare with. */
export function changeOf(now: number, before: number | undefined): number | null {
  return before ? (now - before) / before : null;
}

export type Freshness =
  | { kind: "empty" }
  | { kind: "behind"; calls: number }
  | { kind: "silent"; since: string }
  | { kind: "fresh"; at: string; isNow: boolean };

const SILENT_AFTER = 24 * 3_600_000;
const NOW = 60_000;

/** How current the numbers are: whether calls wait to be processed, or none has come for a day. */
export function freshnessOf(today: Pick<Today, "as_of" | "behind" | "last_event_at">): Freshness {
  if (today.behind > 0) return { kind: "behind", calls: today.behind };
  if (!today.last_event_at) return { kind: "empty" };
  const age = Date.parse(today.as_of) - Date.parse(today.last_event_at);
  return age > SILENT_AFTER
    ? { kind: "silent", since: today.last_event_at }
    : { kind: "fresh", at: today.last_event_at, isNow: age < NOW };
}
