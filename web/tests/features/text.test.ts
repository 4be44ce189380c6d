import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { linesOf, NOTATIONS, textIn } from "@/features/decide/journeys/text";
import { WINBACK } from "./journeys";

describe("A journey as text", () => {
  test.each(NOTATIONS)("loses nothing in %s", (notation) => {
    expect(parse(textIn(notation, WINBACK))).toEqual(WINBACK);
  });

  test("keeps short steps on one line in YAML, as people write them", () => {
    expect(textIn("yaml", WINBACK)).toContain("  pause: {wait: 24h, then: worth}\n");
  });

  test.each(NOTATIONS)("tells the lines of a step in %s", (notation) => {
    const text = textIn(notation, WINBACK);
    const [first, last] = linesOf(text, "worth") ?? [0, 0];
    const lines = text
      .split("\n")
      .slice(first, last + 1)
      .join("\n");
    expect(lines).toContain("worth");
    expect(lines).toContain("remind");
    expect(lines).not.toContain("cart_offer");
  });

  test("tells no lines of a step that is not there", () => {
    expect(linesOf(textIn("yaml", WINBACK), "nowhere")).toBeNull();
    expect(linesOf("id: x\n", "nowhere")).toBeNull();
  });
});
