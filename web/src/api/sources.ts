import { queryOptions } from "@tanstack/react-query";
import { bodyOf, client, inWorkspace } from "@/api/client";
import type { components } from "@/api/schema";

export type Source = components["schemas"]["SourceShown"];
export type SourceLimit = components["schemas"]["SourceLimit"];

const header = inWorkspace;
const about = (workspace: string, name: string) => ({
  params: { header: header(workspace), path: { name } },
});

export const sourcesQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["sources", workspace],
    queryFn: () =>
      bodyOf(client.GET("/api/sources", { params: { header: header(workspace), query: { limit: 1000 } } })),
  });

export const createSource = (workspace: string, name: string) =>
  bodyOf(client.POST("/api/sources", { params: { header: header(workspace) }, body: { name } }));

export const rotateSource = (workspace: string, name: string) =>
  bodyOf(client.POST("/api/sources/{name}/rotate", about(workspace, name)));

export const limitSource = (workspace: string, name: string, limit: SourceLimit) =>
  bodyOf(client.PUT("/api/sources/{name}/limit", { ...about(workspace, name), body: limit }));

/** Let no client in with this key any more; without a key, with none of the source's. */
export const revokeSource = (workspace: string, name: string, writeKey?: string) => {
  const { header: heads, path } = about(workspace, name).params;
  const query = writeKey ? { write_key: writeKey } : {};
  return bodyOf(client.DELETE("/api/sources/{name}", { params: { header: heads, path, query } }));
};
