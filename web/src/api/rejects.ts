import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { bodyOf, client, inWorkspace } from "@/api/client";
import type { components } from "@/api/schema";

export type Reject = components["schemas"]["Reject"];
export type RejectReplay = components["schemas"]["RejectReplay"];

export interface RejectsWanted {
  code?: string | undefined;
  search?: string | undefined;
}

const PAGE = 100;
const asked = ({ code, search }: RejectsWanted) => ({
  ...(code ? { code } : {}),
  ...(search ? { search } : {}),
});

export const rejectCountsQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["rejects", workspace, "counts"],
    queryFn: () => bodyOf(client.GET("/api/rejects/counts", { params: { header: inWorkspace(workspace) } })),
  });

export const rejectsQuery = (workspace: string, wanted: RejectsWanted) =>
  infiniteQueryOptions({
    queryKey: ["rejects", workspace, "list", wanted.code ?? "", wanted.search ?? ""],
    queryFn: ({ pageParam }) =>
      bodyOf(
        client.GET("/api/rejects", {
          params: {
            header: inWorkspace(workspace),
            query: { limit: PAGE, after: pageParam, ...asked(wanted) },
          },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  });

export const replayRejects = (workspace: string, wanted: RejectReplay) =>
  bodyOf(client.POST("/api/rejects/replay", { params: { header: inWorkspace(workspace) }, body: wanted }));
