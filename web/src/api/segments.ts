import { queryOptions } from "@tanstack/react-query";
import { bodyOf, client, inWorkspace } from "@/api/client";
import type { components } from "@/api/schema";

export type Segment = components["schemas"]["Segment"];

export const segmentsQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["segments", workspace],
    queryFn: () => bodyOf(client.GET("/api/segments", { params: { header: inWorkspace(workspace) } })),
    staleTime: 60_000,
  });
