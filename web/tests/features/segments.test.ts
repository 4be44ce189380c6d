import { describe, expect, test } from "vitest";
import { documentOf, idFrom, rhythmOf, withRhythm } from "@/features/compute/segments/document";
import { asksNothing } from "@/lib/conditions/forms";

describe("A segment's document", () => {
  test("a saved segment is the document it was saved from, and no more", () => {
    const condition = { did: "order_paid" };
    const saved = {
      id: "buyers",
      name: "buyers",
      kind: "live" as const,
      condition,
      version: 3,
      people: 5,
      sentence: {},
      drift: 0,
    };
    expect(documentOf(saved)).toEqual({ id: "buyers", condition });
    const scheduled = { ...saved, name: "Buyers", kind: "scheduled" as const, refresh: { every: "6h" } };
    expect(documentOf(scheduled)).toEqual({
      id: "buyers",
      name: "Buyers",
      kind: "scheduled",
      condition,
      refresh: { every: "6h" },
    });
  });

  test("another rhythm changes how it is kept and nothing else", () => {
    const document = { id: "a", condition: { segment: "b" } };
    const weekly = withRhythm(document, "weekly");
    expect(rhythmOf(weekly)).toBe("weekly");
    expect(weekly).toEqual({ ...document, kind: "scheduled", refresh: { weekly: "monday 07:30" } });
    expect(withRhythm(weekly, "live")).toEqual(document);
  });

  test("an id is made of the name where it can be, and is never one that is taken", () => {
    expect(idFrom("Big buyers!", [])).toBe("big_buyers");
    expect(idFrom("Big buyers", ["big_buyers"])).toBe("big_buyers_2");
    expect(idFrom("大额买家", ["segment_1"])).toBe("segment_2");
  });

  test("an empty group asks nothing", () => {
    expect(asksNothing({ all: [] })).toBe(true);
    expect(asksNothing({})).toBe(true);
    expect(asksNothing({ all: [{ did: "x" }] })).toBe(false);
    expect(asksNothing({ did: "x" })).toBe(false);
  });
});
