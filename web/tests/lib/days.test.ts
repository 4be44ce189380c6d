import { expect, test } from "vitest";
import { localDay, shiftDay } from "@/lib/days";

test("an instant belongs to the calendar day of the time zone it is looked at in", () => {
  expect(localDay("2026-11-15T20:00:00Z", "UTC")).toBe("2026-11-15");
  expect(localDay("2026-11-15T20:00:00Z", "Asia/Shanghai")).toBe("2026-11-16");
});

test("shifting a day crosses months, years and leap days", () => {
  expect(shiftDay("2026-11-01", -1)).toBe("2026-10-31");
  expect(shiftDay("2028-02-28", 1)).toBe("2028-02-29");
  expect(shiftDay("2026-12-31", 1)).toBe("2027-01-01");
});
