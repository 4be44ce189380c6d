import { queryOptions } from "@tanstack/react-query";
import { asBody, bodyOf, client, inWorkspace } from "@/api/client";
import type { components } from "@/api/schema";
import type { JsonObject } from "@/lib/json";

export type Tag = components["schemas"]["Tag"];
export type TagDiff = components["schemas"]["TagDiff"];
export type TagLineage = components["schemas"]["TagLineage"];

/** As many as one answer holds. */
const MOST = 1000;
const DAYS = 86_400_000;
/** How far back movements are looked at, and in steps of what length. */
const LOOKS_BACK = 28 * DAYS;

const header = inWorkspace;
const about = (workspace: string, id: string) => ({
  params: { header: header(workspace), path: { tag_id: id } },
});

export const tagsQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["tags", workspace],
    queryFn: () =>
      bodyOf(client.GET("/api/tags", { params: { header: header(workspace), query: { limit: MOST } } })),
    staleTime: 60_000,
  });

export const tagLineageQuery = (workspace: string, id: string) =>
  queryOptions({
    queryKey: ["tag", workspace, id, "lineage"],
    queryFn: () => bodyOf(client.GET("/api/tags/{tag_id}/lineage", about(workspace, id))),
  });

export const tagValuesQuery = (workspace: string, id: string) =>
  queryOptions({
    queryKey: ["tag", workspace, id, "values"],
    queryFn: () => bodyOf(client.GET("/api/tags/{tag_id}/values", about(workspace, id))),
  });

export const tagDisputesQuery = (workspace: string, id: string) =>
  queryOptions({
    queryKey: ["tag", workspace, id, "disputes"],
    queryFn: () => bodyOf(client.GET("/api/tags/{tag_id}/disputes", about(workspace, id))),
  });

/** How people moved between values in the four weeks up to the workspace's now. */
export const tagTransitionsQuery = (workspace: string, id: string, now: string) =>
  queryOptions({
    queryKey: ["tag", workspace, id, "transitions", now],
    queryFn: () => {
      const from = new Date(Date.parse(now) - LOOKS_BACK).toISOString();
      const { header: heads, path } = about(workspace, id).params;
      return bodyOf(
        client.GET("/api/tags/{tag_id}/transitions", {
          params: { header: heads, path, query: { from, to: now, every: "7d" } },
        }),
      );
    },
  });

export const tagPresetsQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["tag-presets", workspace],
    queryFn: () => bodyOf(client.GET("/api/tags/presets", { params: { header: header(workspace) } })),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const fetchPreset = (workspace: string, name: string, event: string) =>
  bodyOf(
    client.GET("/api/tags/presets/{name}", {
      params: { header: header(workspace), path: { name }, query: { event } },
    }),
  );

/** Whose value a document would change, were it saved. */
export const diffTag = (workspace: string, document: JsonObject) =>
  bodyOf(
    client.POST("/api/tags/diff", {
      params: { header: header(workspace), query: { limit: 20 } },
      ...asBody(document),
    }),
  );

export const saveTag = (workspace: string, document: JsonObject) =>
  bodyOf(client.POST("/api/tags", { params: { header: header(workspace) }, ...asBody(document) }));

export const refreshTags = (workspace: string, ids: readonly string[]) =>
  bodyOf(
    client.POST("/api/tags/refresh", { params: { header: header(workspace) }, body: { ids: [...ids] } }),
  );

export const disputeTag = (workspace: string, tag: string, userId: string, note: string) =>
  bodyOf(
    client.POST("/api/tags/{tag_id}/disputes", {
      ...about(workspace, tag),
      body: { user_id: userId, note, by: "" },
    }),
  );
