import { queryOptions } from "@tanstack/react-query";
import { bodyOf, client, inWorkspace } from "@/api/client";

const EVERY = 30_000;

const about = (workspace: string, id: string) => ({
  params: { header: inWorkspace(workspace), path: { journey_id: id } },
});

const fetchJourney = (workspace: string, id: string) =>
  bodyOf(client.GET("/api/journeys/{journey_id}", about(workspace, id)));

/** As many as one answer holds: a menu of more is no menu. */
const MOST = 100;

const fetchList = (workspace: string) =>
  bodyOf(
    client.GET("/api/journeys", {
      params: { header: inWorkspace(workspace), query: { limit: MOST } },
    }),
  );

const fetchReadout = (workspace: string, id: string) =>
  bodyOf(client.GET("/api/journeys/{journey_id}/read", about(workspace, id)));

export type JourneyPicture = Awaited<ReturnType<typeof fetchJourney>>;
export type NodeCounts = JourneyPicture["nodes"][string];
export type Readout = Awaited<ReturnType<typeof fetchReadout>>;
export type ArmReadout = Readout["arms"][number];

/** Names and states only: quick, for what is on every page. */
export const journeysQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["journeys", workspace],
    queryFn: () => fetchList(workspace),
    refetchInterval: EVERY,
  });

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

/** Pause a journey, or let it run on. */
export const changeState = (workspace: string, id: string, verb: "pause" | "resume") =>
  bodyOf(
    verb === "pause"
      ? client.POST("/api/journeys/{journey_id}/pause", about(workspace, id))
      : client.POST("/api/journeys/{journey_id}/resume", about(workspace, id)),
  );
