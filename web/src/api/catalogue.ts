import { queryOptions } from "@tanstack/react-query";
import { bodyOf, client, inWorkspace } from "@/api/client";
import type { components } from "@/api/schema";

export type SchemaEvent = components["schemas"]["SchemaEvent"];
export type SchemaProperty = components["schemas"]["SchemaProperty"];
export type Description = components["schemas"]["DescriptionGiven"];

/** As many as one answer holds. */
const MOST = 1000;
const KEPT = 60_000;

export const schemaEventsQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["schema", workspace, "events"],
    queryFn: () =>
      bodyOf(
        client.GET("/api/schema/events", {
          params: { header: inWorkspace(workspace), query: { limit: MOST } },
        }),
      ),
    staleTime: KEPT,
  });

export const schemaPropertiesQuery = (workspace: string, event: string) =>
  queryOptions({
    queryKey: ["schema", workspace, "properties", event],
    queryFn: () =>
      bodyOf(
        client.GET("/api/schema/properties", {
          params: { header: inWorkspace(workspace), query: { event, limit: MOST } },
        }),
      ),
    enabled: event !== "" && event !== "*",
    staleTime: KEPT,
  });

export const schemaDriftQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["schema", workspace, "drift"],
    queryFn: () => bodyOf(client.GET("/api/schema/drift", { params: { header: inWorkspace(workspace) } })),
  });

export const describe = (workspace: string, given: Description) =>
  bodyOf(client.PUT("/api/schema/descriptions", { params: { header: inWorkspace(workspace) }, body: given }));
