import { describe, expect, test } from "vitest";
import { intervalOf, meaningOf, placeOf, reachOf } from "@/lib/interval";

const open = { value: -0.021, low: -0.079, high: 0.036 };

describe("An effect on its scale", () => {
  test("zero lies in the middle and every end inside", () => {
    const reach = reachOf([open]);
    expect(placeOf(0, reach)).toBe(50);
    expect(placeOf(open.low, reach)).toBeGreaterThan(0);
    expect(placeOf(open.high, reach)).toBeLessThan(100);
  });

  test("one scale shows the widest of several", () => {
    expect(reachOf([open, { value: 0.3, low: 0.2, high: 0.4 }])).toBeGreaterThan(0.4);
  });

  test("a tiny effect is not blown up to look like a large one", () => {
    expect(reachOf([{ value: 0.0001, low: 0, high: 0.0002 }])).toBe(0.01);
  });

  test("only an interval without zero means anything", () => {
    expect(meaningOf(open)).toBe("open");
    expect(meaningOf({ value: 0.1, low: 0.02, high: 0.2 })).toBe("better");
    expect(meaningOf({ value: -0.1, low: -0.2, high: -0.02 })).toBe("worse");
    expect(meaningOf({ value: 0.1, low: 0, high: 0.2 })).toBe("open");
  });

  test("what could not be measured has no interval", () => {
    expect(intervalOf({ difference: null, interval: null })).toBeNull();
    expect(intervalOf({ difference: 0.1, interval: [0, 0.2] })).toEqual({ value: 0.1, low: 0, high: 0.2 });
  });
});
