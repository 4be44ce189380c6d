import { queryOptions } from "@tanstack/react-query";
import { bodyOf, client, inWorkspace } from "@/api/client";
import type { components } from "@/api/schema";

export type Tag = components["schemas"]["Tag"];

export const tagsQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["tags", workspace],
    queryFn: () =>
      bodyOf(client.GET("/api/tags", { params: { header: inWorkspace(workspace), query: { limit: 1000 } } })),
    staleTime: 60_000,
  });

export const disputeTag = (workspace: string, tag: string, userId: string, note: string) =>
  bodyOf(
    client.POST("/api/tags/{tag_id}/disputes", {
      params: { header: inWorkspace(workspace), path: { tag_id: tag } },
      body: { user_id: userId, note, by: "" },
    }),
  );
