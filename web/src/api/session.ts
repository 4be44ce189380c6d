import { queryOptions } from "@tanstack/react-query";
import { bodyOf, client } from "@/api/client";
import type { components } from "@/api/schema";

export type Session = components["schemas"]["ConsoleSession"];
export type WorkspaceEntry = Session["workspaces"][number];

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: () => bodyOf(client.GET("/api/console/session")),
  staleTime: 60_000,
});

/** End this browser's session. */
export async function leaveSession(): Promise<void> {
  await client.DELETE("/api/console/session");
}
