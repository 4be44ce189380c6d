import { createContext, useContext } from "react";
import type { WorkspaceEntry } from "@/api/session";

export const WorkspaceContext = createContext<WorkspaceEntry | null>(null);

/** The workspace that the page is about. */
export function useWorkspace(): WorkspaceEntry {
  const workspace = useContext(WorkspaceContext);
  if (!workspace) throw new Error("no workspace is open here");
  return workspace;
}

export type Permission =
  | "look"
  | "people:read"
  | "people:write"
  | "people:erase"
  | "define"
  | "publish"
  | "send"
  | "data"
  | "import"
  | "export"
  | "settings"
  | "members"
  | "audit"
  | "owner";

/** What the operator may do in this workspace. */
export function useMay(): (permission: Permission) => boolean {
  const { permissions } = useWorkspace();
  return (permission) => permissions.includes(permission);
}
