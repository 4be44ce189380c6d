import type { PersonEvent } from "@/api/people";
import { localDay } from "@/lib/days";
import { brief } from "@/lib/json";

/** Events under the calendar day of each, in their order. */
export function byDay(
  events: readonly PersonEvent[],
  timeZone: string,
): { day: string; events: PersonEvent[] }[] {
  const days = new Map<string, PersonEvent[]>();
  for (const event of events) {
    const day = localDay(event.occurred_at, timeZone);
    days.set(day, [...(days.get(day) ?? []), event]);
  }
  return [...days].map(([day, happened]) => ({ day, events: happened }));
}

/** One run of somebody through a journey, as the log tells it; steps oldest first. */
export interface Run {
  enrollment: string;
  journey: string;
  arm: string;
  enteredAt: string | null;
  outcome: string | null;
  reachedGoal: boolean;
  events: PersonEvent[];
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** The runs through journeys, the newest first. */
export function runsOf(events: readonly PersonEvent[]): Run[] {
  const runs = new Map<string, Run>();
  for (const event of events.filter(({ name }) => name.startsWith("journey_"))) {
    const { enrollment, journey, arm, outcome } = event.properties;
    const id = text(enrollment) || event.message_id;
    const run = runs.get(id) ?? {
      enrollment: id,
      journey: text(journey),
      arm: text(arm),
      enteredAt: null,
      outcome: null,
      reachedGoal: false,
      events: [],
    };
    runs.set(id, {
      ...run,
      enteredAt: event.name === "journey_entered" ? event.occurred_at : run.enteredAt,
      outcome: event.name === "journey_left" ? text(outcome) : run.outcome,
      reachedGoal: run.reachedGoal || event.name === "journey_goal_reached",
      events: [event, ...run.events],
    });
  }
  return [...runs.values()];
}

/** What the gate and the provider said of one message, oldest first. */
export function fateOf(events: readonly PersonEvent[], messageId: string): PersonEvent[] {
  return events
    .filter(({ name, properties }) => name.startsWith("message_") && properties.message === messageId)
    .reverse();
}

/** What of our own events is only for machines. */
const INTERNAL = new Set([
  "enrollment",
  "cause",
  "visit",
  "ordinal",
  "probability",
  "goal_seconds",
  "message",
]);

/** An event's properties on one line; of our own events only what people read. */
export const summaryOf = ({ origin, properties }: PersonEvent): string =>
  Object.entries(properties)
    .filter(([key]) => origin !== "perennial" || !INTERNAL.has(key))
    .map(([key, value]) => `${key}: ${brief(value)}`)
    .join(" · ");
