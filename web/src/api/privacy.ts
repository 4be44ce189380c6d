import { queryOptions } from "@tanstack/react-query";
import { asBody, bodyOf, client, inWorkspace } from "@/api/client";
import { Problem } from "@/api/problems";
import type { components } from "@/api/schema";
import type { JsonObject } from "@/lib/json";

export type Erasure = components["schemas"]["ErasureShown"];

const here = (workspace: string) => ({ params: { header: inWorkspace(workspace) } });
const EVERY = 5_000;

export const erasuresQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["erasures", workspace],
    queryFn: () => bodyOf(client.GET("/api/erasures", here(workspace))),
    // An erasure under way takes about half a minute.
    refetchInterval: ({ state }) =>
      state.data?.erasures.some((each) => each.state === "running") ? EVERY : false,
  });

/** The declared retention; null where none is declared. */
export const retentionQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["retention", workspace],
    queryFn: () =>
      bodyOf(client.GET("/api/retention", here(workspace))).catch((error: unknown) => {
        if (error instanceof Problem && error.code === "not_declared") return null;
        throw error;
      }),
  });

export const retentionPreviewQuery = (workspace: string, isDeclared: boolean) =>
  queryOptions({
    queryKey: ["retention", workspace, "preview"],
    queryFn: () => bodyOf(client.GET("/api/retention/preview", here(workspace))),
    enabled: isDeclared,
  });

export const publishRetention = (workspace: string, document: JsonObject) =>
  bodyOf(client.POST("/api/retention", { ...here(workspace), ...asBody(document) }));
