import { queryOptions } from "@tanstack/react-query";
import { bodyOf, client, inWorkspace } from "@/api/client";

const fetchToday = (workspace: string) =>
  bodyOf(client.GET("/api/today", { params: { header: inWorkspace(workspace) } }));

export type Today = Awaited<ReturnType<typeof fetchToday>>;
export type DayCounts = Today["days"][number];
export type JourneyToday = Today["journeys"][number];

const EVERY = 30_000;

export const todayQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["today", workspace],
    queryFn: () => fetchToday(workspace),
    refetchInterval: EVERY,
  });
