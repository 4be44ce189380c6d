import { describe, expect, test } from "vitest";
import { changeOf, daysUntil, freshnessOf, lastWholeDay } from "@/features/evaluate/today/reading";
import { shiftDay } from "@/lib/days";

/** Thirty days up to a day, numbered 1 to 30 in events and people. */
const thirty = (last: string) =>
  Array.from({ length: 30 }, (_, place) => ({
    day: shiftDay(last, place - 29),
    events: (place + 1) * 10,
    people: place + 1,
  }));

const at = (as_of: string, last_event_at: string | null, timezone = "UTC") => ({
  as_of,
  last_event_at,
  timezone,
  days: thirty(as_of.slice(0, 10)),
});

describe("The last whole day", () => {
  test("while events come in, it is yesterday, beside its weekday a week before", () => {
    const found = lastWholeDay(at("2026-11-22T19:00:00Z", "2026-11-22T18:59:00Z"));
    expect(found?.day.day).toBe("2026-11-21");
    expect(found?.weekBefore?.day).toBe("2026-11-14");
  });

  test("where events broke off, it is the day before they did", () => {
    expect(lastWholeDay(at("2026-11-22T19:00:00Z", "2026-11-16T04:01:20Z"))?.day.day).toBe("2026-11-15");
  });

  test("days are those of the workspace's time zone", () => {
    const today = at("2026-11-22T19:00:00Z", "2026-11-22T18:00:00Z", "Asia/Shanghai");
    expect(lastWholeDay(today)?.day.day).toBe("2026-11-22");
  });

  test("there is none without events, or where they are too long ago", () => {
    expect(lastWholeDay(at("2026-11-22T19:00:00Z", null))).toBeNull();
    expect(lastWholeDay(at("2026-11-22T19:00:00Z", "2026-01-01T00:00:00Z"))).toBeNull();
  });

  test("curves end with it", () => {
    const today = at("2026-11-22T19:00:00Z", "2026-11-16T04:01:20Z");
    expect(daysUntil(today.days, lastWholeDay(today)).at(-1)?.day).toBe("2026-11-15");
    expect(daysUntil(today.days, null)).toHaveLength(30);
  });
});

test("a change is relative to what was, and unknown where nothing was", () => {
  expect(changeOf(435, 506)).toBeCloseTo(-0.14, 2);
  expect(changeOf(5, 0)).toBeNull();
  expect(changeOf(5, undefined)).toBeNull();
});

describe("How current the numbers are", () => {
  const as_of = "2026-11-22T19:00:00Z";

  test("calls that wait are told first", () => {
    expect(freshnessOf({ as_of, behind: 12, last_event_at: null })).toEqual({ kind: "behind", calls: 12 });
  });

  test("a day without events is told", () => {
    const since = "2026-11-16T04:01:20Z";
    expect(freshnessOf({ as_of, behind: 0, last_event_at: since })).toEqual({ kind: "silent", since });
  });

  test("recent events are fresh, those of the last minute are now", () => {
    expect(freshnessOf({ as_of, behind: 0, last_event_at: "2026-11-22T18:00:00Z" })).toMatchObject({
      isNow: false,
    });
    expect(freshnessOf({ as_of, behind: 0, last_event_at: "2026-11-22T18:59:30Z" })).toMatchObject({
      isNow: true,
    });
    expect(freshnessOf({ as_of, behind: 0, last_event_at: null })).toEqual({ kind: "empty" });
  });
});
