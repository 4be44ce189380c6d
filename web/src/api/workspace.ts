import { createContext, useContext } from "react";
import type { WorkspaceEntry } from "@/api/session";

export const WorkspaceContext = createContext<WorkspaceEntry | null>(null);

/** The workspace that the page is about. */
export function useWorkspace(): WorkspaceEntry {
  const workspace = useContext(WorkspaceContext);
  if (!workspace) throw new Error("no workspace is open here");
  return workspace;
}
