import { describe, expect, test } from "vitest";
import type { PersonEvent } from "@/api/people";
import { byDay, fateOf, runsOf, summaryOf } from "@/features/compute/people/history";

const event = (name: string, at: string, properties: PersonEvent["properties"] = {}): PersonEvent => ({
  name,
  kind: "perennial",
  origin: "perennial",
  source: "perennial",
  occurred_at: at,
  received_at: at,
  message_id: `${name} ${at}`,
  user_id: "p1",
  anonymous_id: "",
  properties,
  context: {},
});
const run = { enrollment: "enr_1", journey: "winback", arm: "control" };

describe("A person's history", () => {
  test("events stand under the calendar day of the workspace", () => {
    const days = byDay(
      [event("a", "2026-03-02T17:00:00Z"), event("b", "2026-03-02T15:00:00Z")],
      "Asia/Shanghai",
    );
    expect(days.map(({ day, events }) => [day, events.length])).toEqual([
      ["2026-03-03", 1],
      ["2026-03-02", 1],
    ]);
  });

  test("a run through a journey tells how it began, what it reached and how it ended", () => {
    const [only, ...others] = runsOf([
      event("journey_left", "2026-03-05T00:00:00Z", { ...run, outcome: "written" }),
      event("message_sent", "2026-03-04T00:00:00Z", { enrollment: "enr_1" }),
      event("journey_goal_reached", "2026-03-03T00:00:00Z", run),
      event("journey_entered", "2026-03-02T00:00:00Z", run),
    ]);
    expect(others).toEqual([]);
    expect(only).toMatchObject({ journey: "winback", arm: "control", outcome: "written", reachedGoal: true });
    expect(only?.enteredAt).toBe("2026-03-02T00:00:00Z");
    expect(only?.events.map(({ name }) => name)).toEqual([
      "journey_entered",
      "journey_goal_reached",
      "journey_left",
    ]);
  });

  test("a message's fate is its own events, oldest first", () => {
    const fate = fateOf(
      [
        event("message_sent", "2026-03-04T00:00:00Z", { message: "m1" }),
        event("message_dropped", "2026-03-03T12:00:00Z", { message: "m2" }),
        event("message_held", "2026-03-03T00:00:00Z", { message: "m1" }),
      ],
      "m1",
    );
    expect(fate.map(({ name }) => name)).toEqual(["message_held", "message_sent"]);
  });

  test("of our own events only what people read is on the line", () => {
    expect(summaryOf(event("journey_step", "2026-03-04T00:00:00Z", { ...run, node: "wait" }))).toBe(
      "journey: winback · arm: control · node: wait",
    );
  });
});
