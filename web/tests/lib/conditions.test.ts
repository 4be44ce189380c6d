import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { asGroup, blank, FORMS, kindOf, moved, negated } from "@/lib/conditions/forms";
import { readMeasure, writeMeasure } from "@/lib/conditions/measures";
import {
  OPERATORS_OF,
  readIs,
  readTest,
  type TestKind,
  valueFor,
  writeIs,
  writeTest,
} from "@/lib/conditions/tests";
import { windowKind } from "@/lib/conditions/windows";
import { isObject, type Json, type JsonObject } from "@/lib/json";
import { readText, writeText } from "@/lib/notation";

/** Every example of the condition language's own page. */
const PAGE = readFileSync(new URL("../../../docs/reference/conditions.md", import.meta.url), "utf8");
const EXAMPLES = [...PAGE.matchAll(/```json\n([\s\S]*?)```/g)].map(
  ([, text]) => JSON.parse(text ?? "") as JsonObject,
);
const names = {
  event: "order",
  trait: "city",
  tag: "rfm",
  segment: "vip",
  consent: "email/news",
  journey: "winback",
};

describe("Conditions as the builder reads them", () => {
  test("every example of the language is of a known form", () => {
    expect(EXAMPLES.length).toBeGreaterThan(20);
    expect(EXAMPLES.filter((each) => kindOf(each) === null)).toEqual([]);
  });

  test("a trait that comes after a day is a trait, not a sequence", () => {
    expect(kindOf({ trait: "born", after: "2000-01-01" })).toBe("trait");
    expect(kindOf({ after: "cart", without: "order", for: "1d" })).toBe("after");
    expect(kindOf({ mystery: 1 })).toBeNull();
    expect(kindOf("text")).toBeNull();
  });

  test("a new part of every form is of that form", () => {
    for (const form of FORMS) expect(kindOf(blank(form, names))).toBe(form);
  });

  test("text in either notation means the same document", () => {
    for (const example of EXAMPLES) {
      for (const notation of ["yaml", "json"] as const) {
        expect(readText(writeText(notation, example))).toEqual({ ok: true, document: example });
      }
    }
  });

  test("a text that cannot be read says where", () => {
    expect(readText("all:\n  - {did: x")).toMatchObject({ ok: false, line: 2 });
  });

  test("negation is taken back by negation, and a lone part becomes a group of one", () => {
    const part = { did: "x" };
    expect(negated(negated(part))).toEqual(part);
    expect(asGroup(part)).toEqual({ all: [part] });
    expect(asGroup({ any: [part] })).toEqual({ any: [part] });
  });

  test("a part moves by one place and not beyond the ends", () => {
    expect(moved([1, 2, 3], 0, 1)).toEqual([2, 1, 3]);
    expect(moved([1, 2, 3], 0, -1)).toEqual([1, 2, 3]);
    expect(moved([1, 2, 3], 2, 1)).toEqual([1, 2, 3]);
  });
});

const KIND_OF: Record<string, TestKind> = {
  measure: "number",
  change: "change",
  trait: "value",
  tag: "value",
  consent: "consent",
  assigned: "word",
};

/** The objects with a test anywhere in a condition, each with the kind of its test. */
function tested(value: Json): [JsonObject, TestKind][] {
  if (Array.isArray(value)) return value.flatMap(tested);
  if (!isObject(value)) return [];
  const kind = "property" in value ? "value" : KIND_OF[kindOf(value) ?? ""];
  const inner = Object.values(value).flatMap(tested);
  return kind ? [[value, kind], ...inner] : inner;
}

describe("Comparisons", () => {
  test("every test of the examples is read, and written again it asks the same", () => {
    const all = EXAMPLES.flatMap(tested);
    expect(all.length).toBeGreaterThan(12);
    for (const [object, kind] of all) {
      const found = readTest(object, kind);
      expect(found, JSON.stringify(object)).not.toBeNull();
      if (found) expect(readTest(writeTest(object, found, kind), kind)).toEqual(found);
    }
  });

  test("a text that looks like a comparison is kept a text", () => {
    expect(writeTest({ property: "code" }, { operator: "=", value: "> 5" }, "value")).toEqual({
      property: "code",
      "=": "> 5",
    });
    expect(readTest({ property: "code", "=": "> 5" }, "value")).toEqual({ operator: "=", value: "> 5" });
    expect(readTest({ property: "code", is: "100" }, "value")).toEqual({ operator: "=", value: "100" });
  });

  test("numbers, spans and percentages are told apart", () => {
    expect(readIs(">= 2", "number")).toEqual({ operator: ">=", value: 2 });
    expect(readIs("> 30d", "number")).toEqual({ operator: ">", value: "30d" });
    expect(readIs("<= -30%", "change")).toEqual({ operator: "<=", value: "-30%" });
    expect(readIs(3, "number")).toEqual({ operator: "=", value: 3 });
    expect(writeIs({ operator: "=", value: 3 })).toBe(3);
    expect(writeIs({ operator: "<=", value: "-30%" })).toBe("<= -30%");
  });

  test("one test takes the place of another, and nothing else is touched", () => {
    const before = { trait: "city", in: ["北京"], ignore_case: true };
    expect(writeTest(before, { operator: "unset", value: null }, "value")).toEqual({
      trait: "city",
      set: false,
    });
    expect(writeTest(before, { operator: "contains", value: "京" }, "value")).toEqual({
      trait: "city",
      ignore_case: true,
      contains: "京",
    });
  });

  test("whichever operator is chosen, what results can be read again", () => {
    for (const [kind, operators] of Object.entries(OPERATORS_OF) as [TestKind, readonly never[]][]) {
      for (const operator of operators) {
        const value = valueFor(operator, "7", kind);
        const written = writeTest({ trait: "x" }, { operator, value }, kind);
        expect(readTest(written, kind)?.operator, `${kind} ${operator}`).toBe(operator);
      }
    }
  });
});

describe("Windows and measures", () => {
  test("windows are of their kind", () => {
    expect([undefined, "7d", { calendar: "today" }, { from: "2026-01-01" }].map(windowKind)).toEqual([
      "ever",
      "last",
      "calendar",
      "dates",
    ]);
  });

  test("measures are read and written as they were", () => {
    for (const text of ["count", "sum(amount)", "distinct(items.sku)", "last_ago"]) {
      const { measure, property } = readMeasure(text);
      expect(writeMeasure(measure, property)).toBe(text);
    }
  });
});
