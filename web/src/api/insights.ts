import { queryOptions } from "@tanstack/react-query";
import { bodyOf, client, inWorkspace } from "@/api/client";
import type { components } from "@/api/schema";

/** An insight's specification, as `docs/reference/insights.md` says. */
export type Spec = Record<string, unknown> & { kind: string };
/** What names the people of one number. */
export type Cell = Record<string, unknown>;
export type InsightResult = components["schemas"]["InsightResult"] & Record<string, unknown>;
export type Contributor = components["schemas"]["Contributor"];

const MANY = 200;
/** Calls that are events; the others make a person exist. */
const EVENT_KINDS = ["track", "page", "screen"];

export const insightQuery = (workspace: string, spec: Spec) =>
  queryOptions({
    queryKey: ["insight", workspace, spec],
    queryFn: async () =>
      (await bodyOf(
        client.POST("/api/insights/run", {
          params: { header: inWorkspace(workspace), query: { wait: "accepted" } },
          body: spec as never,
        }),
      )) as InsightResult,
    staleTime: 60_000,
  });

export const contributorsQuery = (workspace: string, spec: Spec, cell: Cell) =>
  queryOptions({
    queryKey: ["insight-people", workspace, spec, cell],
    queryFn: () =>
      bodyOf(
        client.POST("/api/insights/people", {
          params: { header: inWorkspace(workspace) },
          body: { spec, cell, limit: MANY } as never,
        }),
      ),
    staleTime: 60_000,
  });

export const keepAsSegment = (workspace: string, spec: Spec, cell: Cell, id: string, name: string) =>
  bodyOf(
    client.POST("/api/insights/segment", {
      params: { header: inWorkspace(workspace) },
      body: { spec, cell, segment_id: id, name } as never,
    }),
  );

export const eventNamesQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["event-names", workspace],
    queryFn: async () => {
      const found = await bodyOf(
        client.GET("/api/schema/events", {
          params: { header: inWorkspace(workspace), query: { limit: 500 } },
        }),
      );
      return found.events
        .filter(({ kinds }) => kinds.some((kind) => EVENT_KINDS.includes(kind)))
        .sort((one, other) => other.events - one.events)
        .map(({ name }) => name);
    },
    staleTime: 300_000,
  });
