import { describe, expect, test } from "vitest";
import { countsOf, NOBODY, shareBy } from "@/features/decide/journeys/counts";
import { readChart, splitShares } from "@/features/decide/journeys/document";
import { WINBACK } from "./journeys";

describe("Reading a journey's document", () => {
  const chart = readChart(WINBACK);
  const step = (id: string) => {
    const found = chart.steps.find((each) => each.id === id);
    if (!found) throw new Error(`no step ${id}`);
    return found;
  };

  test("entry, goal and ways out are read with what must hold of the event", () => {
    expect(chart.entry).toEqual({ kind: "event", match: { event: "add_to_cart", where: ["amount >= 50"] } });
    expect(chart.goal).toEqual({ match: { event: "order_paid", where: [] }, within: "3d" });
    expect(chart.exits).toHaveLength(1);
    expect(chart.reentry).toEqual({ kind: "after", span: "30d" });
    expect(chart.control).toBe("20%");
  });

  test("the ways out of a step have the names the log gives them, in the order they are written", () => {
    expect(step("pause").ways).toEqual([{ edge: "then", to: "worth" }]);
    expect(step("worth").ways.map(({ edge }) => edge)).toEqual(["if_1", "if_2", "else"]);
    expect(step("ways").ways).toEqual([
      { edge: "a", to: "offer" },
      { edge: "b", to: "remind" },
    ]);
    expect(step("done").ways).toEqual([]);
  });

  test("weights of a split are told as shares of the whole", () => {
    expect([...splitShares(step("ways")).values()]).toEqual([0.25, 0.75]);
  });

  test("a kind of step that came later is still drawn, with its ways out", () => {
    const later = readChart({
      start: "call",
      nodes: { call: { webhook: { url: "x" }, then: "end", on_error: "end" } },
    });
    expect(later.steps[0]).toMatchObject({ kind: "other", word: "webhook" });
    expect(later.steps[0]?.ways).toHaveLength(2);
  });

  test("a document with nothing in it is read as nothing", () => {
    expect(readChart({})).toMatchObject({ start: "", goal: null, exits: [], steps: [], control: "none" });
  });
});

describe("Counts at a step", () => {
  test("the share that left is of those who came", () => {
    const counts = countsOf({ entered: 200, waiting: 10, ended_here: 150, left: { then: 40 } });
    expect(shareBy(counts, "then")).toBe(0.2);
    expect(shareBy(counts, "else")).toBe(0);
  });

  test("there is no share of nobody", () => {
    expect(shareBy(NOBODY, "then")).toBeNull();
    expect(countsOf(undefined)).toEqual(NOBODY);
  });
});
