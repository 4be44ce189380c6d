import { queryOptions } from "@tanstack/react-query";
import { bodyOf, client, inWorkspace } from "@/api/client";

const EVERY = 30_000;

const about = (workspace: string, id: string) => ({
  params: { header: inWorkspace(workspace), path: { journey_id: id } },
});

const fetchJourney = (workspace: string, id: string) =>
  bodyOf(client.GET("/api/journeys/{journey_id}", about(workspace, id)));

const fetchReadout = (workspace: string, id: string) =>
  bodyOf(client.GET("/api/journeys/{journey_id}/read", about(workspace, id)));

export type JourneyPicture = Awaited<ReturnType<typeof fetchJourney>>;
export type NodeCounts = JourneyPicture["nodes"][string];
export type Readout = Awaited<ReturnType<typeof fetchReadout>>;
export type ArmReadout = Readout["arms"][number];

export const journeyQuery = (workspace: string, id: string) =>
  queryOptions({
    queryKey: ["journey", workspace, id],
    queryFn: () => fetchJourney(workspace, id),
    refetchInterval: EVERY,
  });

export const readoutQuery = (workspace: string, id: string) =>
  queryOptions({
    queryKey: ["readout", workspace, id],
    queryFn: () => fetchReadout(workspace, id),
    refetchInterval: EVERY,
  });
