import { describe, expect, test } from "vitest";
import { rulesOf, valuesOf } from "@/features/compute/tags/document";

describe("A tag's document", () => {
  test("named values are drawn; a rule of another kind is written as text", () => {
    expect(valuesOf({ id: "a", values: [{ value: "x", if: { did: "y" } }] })).toHaveLength(1);
    expect(valuesOf({ id: "a", measure: "count", of: "y" })).toBeNull();
    expect(valuesOf({ id: "a", values: ["x"] })).toBeNull();
  });

  test("every rule of a value is drawn in its order", () => {
    expect(rulesOf({ value: "x", exit: {}, enter: {} })).toEqual(["enter", "exit"]);
  });
});
