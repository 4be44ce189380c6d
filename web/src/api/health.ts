import { queryOptions } from "@tanstack/react-query";
import { bodyOf, client, inWorkspace } from "@/api/client";

const EVERY = 60_000;

export const doctorQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["doctor", workspace],
    queryFn: () => bodyOf(client.GET("/api/doctor", { params: { header: inWorkspace(workspace) } })),
    refetchInterval: EVERY,
  });
