import { describe, expect, test } from "vitest";
import type { InsightResult } from "@/api/insights";
import {
  eventName,
  firstSpec,
  fromAddress,
  inKind,
  KINDS,
  toAddress,
  withField,
} from "@/features/evaluate/insights/spec";
import { csvOf, tableOf } from "@/ui/insights/table";

const result = (fields: Record<string, unknown>) => fields as unknown as InsightResult;

describe("A question", () => {
  test("of every kind comes back from its address as it was", () => {
    for (const kind of KINDS) {
      const spec = firstSpec(kind, ["view", "paid"]);
      expect(fromAddress(toAddress(spec))).toEqual(spec);
    }
  });

  test("that is none is as good as nothing", () => {
    for (const text of [null, "", "{", "[]", "3", '{"kind": 3}']) expect(fromAddress(text)).toBeNull();
  });

  test("keeps range, people and breakdown in another kind, as far as that can have them", () => {
    const spec = { kind: "trend", range: { last: "7d" }, among: "vips", breakdown: "city", series: [] };
    expect(inKind(spec, "funnel", ["view"])).toMatchObject({
      kind: "funnel",
      range: { last: "7d" },
      among: "vips",
      breakdown: "city",
    });
    expect(inKind(spec, "paths", ["view"])).not.toHaveProperty("breakdown");
  });

  test("loses a field that is emptied", () => {
    expect(withField({ kind: "trend", among: "vips" }, "among", "")).toEqual({ kind: "trend" });
  });

  test("names its events however they are written", () => {
    expect(eventName("view")).toBe("view");
    expect(eventName({ event: "view", where: [] })).toBe("view");
    expect(eventName(undefined)).toBe("*");
  });
});

describe("A result as a table", () => {
  test("of retention begins with the first cohort that anybody is in, and its size", () => {
    const table = tableOf(
      result({
        kind: "retention",
        cohorts: [
          { at: "2026-03-01", size: 0, cells: [{ k: 0 }, { k: 1 }, { k: 2 }] },
          {
            at: "2026-03-02",
            size: 4,
            incomplete: false,
            cells: [
              { k: 0, rate: 1, cell: { cohort: "2026-03-02", k: 0 } },
              { k: 1, rate: 0.5, interval95: [0.15, 0.85], incomplete: true, few: true, cell: { k: 1 } },
            ],
          },
        ],
      }),
    );
    expect(table.columns).toEqual(["people", "1"]);
    expect(table.rows).toHaveLength(1);
    expect(table.rows[0]?.values).toMatchObject([
      { value: 4, form: "count", cell: { cohort: "2026-03-02", k: 0 } },
      { value: 0.5, form: "share", low: 0.15, high: 0.85, isIncomplete: true, isFew: true },
    ]);
  });

  test("of a kind without a form of its own shows its list, and opens people", () => {
    const table = tableOf(
      result({ kind: "rfm", groups: [{ group: "lost", people: 3, value: 12, cell: { group: "lost" } }] }),
    );
    expect(table.columns).toEqual(["people", "value"]);
    expect(table.rows[0]).toMatchObject({
      label: "lost",
      values: [{ value: 3, cell: { group: "lost" } }, { value: 12 }],
    });
  });

  test("as CSV quotes what has to be, and lets no text become a formula", () => {
    const table = {
      columns: ["people"],
      hasParts: true,
      rows: [
        { key: "a", label: 'say "a", b', part: "=1+1", values: [{ value: 3, form: "count" as const }] },
        { key: "b", label: "b", part: null, values: [{ value: null, form: "count" as const }] },
      ],
    };
    expect(csvOf(table, ["People"])).toBe(',breakdown,People\r\n"say ""a"", b",\'=1+1,3\r\nb,,');
  });
});
