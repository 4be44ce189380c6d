import { describe, expect, test } from "vitest";
import { begun, changed, redone, undone } from "@/lib/history";

describe("Undo and redo", () => {
  test("what was changed is taken back step by step, and done again", () => {
    const work = changed(changed(begun("a"), "b"), "c");
    expect(undone(work).present).toBe("b");
    expect(undone(undone(work)).present).toBe("a");
    expect(undone(undone(undone(work))).present).toBe("a");
    expect(redone(undone(work)).present).toBe("c");
    expect(redone(work).present).toBe("c");
  });

  test("a new change forgets what was undone", () => {
    const work = changed(undone(changed(begun("a"), "b")), "x");
    expect(redone(work).present).toBe("x");
    expect(undone(work).present).toBe("a");
  });

  test("the same value again is no change", () => {
    const work = begun({ a: 1 });
    expect(changed(work, { a: 1 })).toBe(work);
  });
});
