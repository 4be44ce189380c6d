import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { asBody, bodyOf, client, inWorkspace } from "@/api/client";
import type { components } from "@/api/schema";
import type { Json, JsonObject } from "@/lib/json";

export type Segment = components["schemas"]["Segment"];
export type Preview = components["schemas"]["Preview"];
export type Combination = components["schemas"]["CombinationAsked"]["operation"];

/** As many as one answer holds. */
const MOST = 1000;
const SAMPLE = 8;
const EVERY = 30_000;

const header = inWorkspace;
const about = (workspace: string, id: string) => ({
  params: { header: header(workspace), path: { segment_id: id } },
});

export const segmentsQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["segments", workspace],
    queryFn: () =>
      bodyOf(client.GET("/api/segments", { params: { header: header(workspace), query: { limit: MOST } } })),
    staleTime: 60_000,
  });

export const segmentQuery = (workspace: string, id: string) =>
  queryOptions({
    queryKey: ["segment", workspace, id],
    queryFn: () => bodyOf(client.GET("/api/segments/{segment_id}", about(workspace, id))),
    refetchInterval: EVERY,
  });

export const segmentSizesQuery = (workspace: string, id: string) =>
  queryOptions({
    queryKey: ["segment", workspace, id, "sizes"],
    queryFn: () => bodyOf(client.GET("/api/segments/{segment_id}/sizes", about(workspace, id))),
  });

export const segmentSampleQuery = (workspace: string, id: string) =>
  queryOptions({
    queryKey: ["segment", workspace, id, "sample"],
    queryFn: () => bodyOf(client.GET("/api/segments/{segment_id}/sample", about(workspace, id))),
  });

/** How many people a condition holds for, in words, and some of them; what was counted last stays meanwhile. */
export const previewQuery = (workspace: string, condition: Json) =>
  queryOptions({
    queryKey: ["preview", workspace, JSON.stringify(condition)],
    queryFn: ({ signal }) =>
      bodyOf(
        client.POST("/api/segments/preview", {
          params: { header: header(workspace) },
          body: { condition, size: SAMPLE },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    staleTime: EVERY,
  });

export const overlapQuery = (workspace: string, segments: readonly string[]) =>
  queryOptions({
    queryKey: ["overlap", workspace, ...segments],
    queryFn: () =>
      bodyOf(
        client.POST("/api/segments/overlap", {
          params: { header: header(workspace) },
          body: { segments: [...segments] },
        }),
      ),
    enabled: segments.length > 1,
    placeholderData: keepPreviousData,
  });

export const saveSegment = (workspace: string, document: JsonObject) =>
  bodyOf(client.POST("/api/segments", { params: { header: header(workspace) }, ...asBody(document) }));

export const refreshSegments = (workspace: string, ids: readonly string[]) =>
  bodyOf(
    client.POST("/api/segments/refresh", {
      params: { header: header(workspace) },
      body: { ids: [...ids] },
    }),
  );

export const freezeSegment = (workspace: string, id: string, asId: string) =>
  bodyOf(
    client.POST("/api/segments/{segment_id}/freeze", { ...about(workspace, id), body: { as_id: asId } }),
  );

export const changeMembers = (
  workspace: string,
  id: string,
  change: { add: readonly string[]; remove: readonly string[] },
) =>
  bodyOf(
    client.POST("/api/segments/{segment_id}/members", {
      ...about(workspace, id),
      body: { add: [...change.add], remove: [...change.remove], create: false },
    }),
  );
