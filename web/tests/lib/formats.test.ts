import { describe, expect, test } from "vitest";
import { formatsOf } from "@/lib/formats";

const english = formatsOf("en", "Asia/Shanghai");
const chinese = formatsOf("zh-CN", "Asia/Shanghai");

describe("Numbers and times", () => {
  test("a count is grouped, and shortened only where it would not fit", () => {
    expect(english.count(1_633_846)).toBe("1,633,846");
    expect(english.brief(2_063)).toBe("2,063");
    expect(english.brief(1_633_846)).toBe("1.6M");
    expect(chinese.brief(1_633_846)).toBe("163.4万");
  });

  test("a difference of shares is told in percentage points with its sign", () => {
    expect(english.points(-0.0213)).toBe("-2.1");
    expect(english.points(0.036)).toBe("+3.6");
    expect(english.points(0)).toBe("0.0");
  });

  test("an instant is told in the workspace's time zone", () => {
    expect(english.instant("2026-11-15T20:01:20Z")).toContain("Nov 16, 2026");
    expect(chinese.instant("2026-11-15T20:01:20Z")).toContain("2026年11月16日");
  });

  test("a calendar day stays that day in every time zone", () => {
    expect(formatsOf("en", "Pacific/Apia").day("2026-11-15")).toBe("Sun, Nov 15");
  });

  test("how long ago is told in the largest whole unit", () => {
    expect(english.ago("2026-11-16T04:00:00Z", "2026-11-22T19:00:00Z")).toBe("6 days ago");
    expect(chinese.ago("2026-11-22T18:30:00Z", "2026-11-22T19:00:00Z")).toBe("30分钟前");
  });

  test("a span of the journey language is told in words, and what is no span is left alone", () => {
    expect(english.duration("14d")).toBe("14 days");
    expect(english.duration("1d")).toBe("1 day");
    expect(chinese.duration("24h")).toContain("24");
    expect(english.duration("birthday")).toBe("birthday");
  });
});
