import { useQuery } from "@tanstack/react-query";
import { schemaEventsQuery, schemaPropertiesQuery } from "@/api/catalogue";
import { journeysQuery } from "@/api/journeys";
import { segmentsQuery } from "@/api/segments";
import { tagsQuery } from "@/api/tags";
import { useWorkspace } from "@/api/workspace";
import type { FirstNames } from "@/lib/conditions/forms";

export interface Choice {
  value: string;
  label: string;
}

export interface Vocabulary {
  events: readonly Choice[];
  traits: readonly Choice[];
  tags: readonly Choice[];
  segments: readonly Choice[];
  journeys: readonly Choice[];
  first: FirstNames;
}

const named = (each: { id: string; name?: string }): Choice => ({
  value: each.id,
  label: each.name && each.name !== each.id ? `${each.name} (${each.id})` : each.id,
});
const plain = (name: string): Choice => ({ value: name, label: name });

/** The names that this workspace knows, to choose from; others may be typed. */
export function useVocabulary(): Vocabulary {
  const { name } = useWorkspace();
  const { data: seen } = useQuery(schemaEventsQuery(name));
  const { data: told } = useQuery(schemaPropertiesQuery(name, "identify"));
  const { data: tags } = useQuery(tagsQuery(name));
  const { data: segments } = useQuery(segmentsQuery(name));
  const { data: journeys } = useQuery(journeysQuery(name));
  const tracked = (seen?.events ?? []).filter(({ kinds }) => !kinds.includes("identify"));
  const busiest = [...tracked].sort((one, other) => other.last_7_days - one.last_7_days);
  const events = busiest.map(({ name: event }) => plain(event));
  const traits = (told?.properties ?? []).map(({ path }) => plain(path));
  const listed = {
    tags: (tags?.tags ?? []).map(named),
    segments: (segments?.segments ?? []).map(named),
    journeys: (journeys?.journeys ?? []).map(named),
  };
  return {
    events,
    traits,
    ...listed,
    first: {
      event: events[0]?.value ?? "*",
      trait: traits[0]?.value ?? "email",
      tag: listed.tags[0]?.value ?? "",
      segment: listed.segments[0]?.value ?? "",
      consent: "email/marketing",
      journey: listed.journeys[0]?.value ?? "",
    },
  };
}

/** The properties of an event, each with values that were seen. */
export function useProperties(event: string): readonly (Choice & { samples: readonly string[] })[] {
  const { name } = useWorkspace();
  const { data } = useQuery(schemaPropertiesQuery(name, event));
  return (data?.properties ?? []).map(({ path, samples }) => ({ value: path, label: path, samples }));
}
