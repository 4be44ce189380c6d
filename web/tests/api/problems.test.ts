import { describe, expect, test } from "vitest";
import { isWorthRetrying, Problem, problemOf, Unreachable } from "@/api/problems";

describe("Refusals", () => {
  test("a problem document keeps its code, message and hint", () => {
    const problem = problemOf(404, {
      code: "journey_not_found",
      message: "No journey has the id 'x'.",
      hint: "See.",
    });
    expect(problem).toBeInstanceOf(Problem);
    expect(problem).toMatchObject({ status: 404, code: "journey_not_found", hint: "See." });
    expect(problem.message).toBe("No journey has the id 'x'.");
  });

  test("an answer that is no problem document becomes one", () => {
    expect(problemOf(502, "<html>")).toMatchObject({ status: 502, code: "http_502", hint: "" });
    expect(problemOf(502, null).message).toBe("");
  });

  test("asking again helps where the server is away or busy, not where it refuses", () => {
    expect(isWorthRetrying(new Unreachable())).toBe(true);
    expect(isWorthRetrying(problemOf(503, null))).toBe(true);
    expect(isWorthRetrying(problemOf(429, null))).toBe(true);
    expect(isWorthRetrying(problemOf(404, null))).toBe(false);
    expect(isWorthRetrying(new TypeError())).toBe(false);
  });
});
